;; case: G50
;; what: a boolean that is neither 0 nor 1: the ABI says that it is true
;; expect: stored
;; says: "flag":true
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "flag")
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 4))
    (i32.store8 (i32.const 656) (i32.const 1))
    (i32.store8 (i32.const 664) (i32.const 77))
    (i32.const 512)))
