;; case: G52
;; what: the smallest number above zero is kept exactly
;; expect: stored
;; says: 5e-324
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "real")
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 4))
    (i32.store8 (i32.const 656) (i32.const 4))
    (i64.store (i32.const 664) (i64.const 1))
    (i32.const 512)))
