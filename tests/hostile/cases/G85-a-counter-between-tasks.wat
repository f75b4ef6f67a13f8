;; case: G85
;; what: a global and a byte of memory are changed for the next task to see: it sees neither
;; expect: stored
(module %MEMORY% %METHODS%
  (global $n (mut i32) (i32.const 0))
  (func $attack (result i32)
    (if (global.get $n) (then unreachable))
    (if (i32.load (i32.const 4096)) (then unreachable))
    (global.set $n (i32.const 1))
    (i32.store (i32.const 4096) (i32.const 0x12345678))
    (call $item (i32.const 53) (i32.const 4))))
