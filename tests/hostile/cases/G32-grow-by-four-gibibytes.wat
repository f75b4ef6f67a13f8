;; case: G32
;; what: 4 GiB are asked for at once, then as much again, and again
;; expect: stored
;; peak-mib: 8
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $n i32)
    (loop $again
      (if (i32.ne (memory.grow (i32.const 65536)) (i32.const -1)) (then unreachable))
      (if (i32.ne (memory.grow (i32.const -1)) (i32.const -1)) (then unreachable))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000))))
    (call $item (i32.const 53) (i32.const 4))))
