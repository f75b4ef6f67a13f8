;; case: G32
;; what: all memory that can be had is taken and every page written, then the guest answers
;; expect: stored
;; peak-mib: 40
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $at i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (local.set $at (i32.const 8192))
    (loop $touch
      (i32.store (local.get $at) (i32.const -1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $touch (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16)))))
    (call $item (i32.const 53) (i32.const 4))))
