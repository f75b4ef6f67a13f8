;; case: G47
;; what: a list of 2,000 fields whose names all are the same 64 KiB of the guest's memory
;; expect: fails output-limit
;; peak-mib: 8
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $at i32)
    (drop (memory.grow (i32.const 2)))
    (drop (call $item (i32.const 53) (i32.const 4)))
    (local.set $at (i32.const 131072))
    (loop $again
      (i32.store (local.get $at) (i32.const 8192))
      (i32.store offset=4 (local.get $at) (i32.const 65536))
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 24))) (i32.const 179072))))
    (i32.store (i32.const 596) (i32.const 131072))
    (i32.store (i32.const 600) (i32.const 2000))
    (i32.const 512)))
