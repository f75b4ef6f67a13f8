;; case: G67
;; what: the parent of every parent is the same one again
;; expect: fails cycle
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $object (i32.const 44) (i32.const 9) (i32.const 53) (i32.const 4)))
    (i32.store8 (i32.const 572) (i32.const 1))
    (i32.store (i32.const 576) (i32.const 61))
    (i32.store (i32.const 580) (i32.const 1))
    (i32.const 512))
  (func $object_params (result i32)
    (memory.fill (i32.const 512) (i32.const 0) (i32.const 64))
    (i32.store (i32.const 516) (i32.const 61))
    (i32.store (i32.const 520) (i32.const 1))
    (i32.store8 (i32.const 536) (i32.const 1))
    (i32.store (i32.const 540) (i32.const 61))
    (i32.store (i32.const 544) (i32.const 1))
    (i32.const 512)))
