;; case: G46
;; what: a list of bytes that is said to have 4 GiB
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 53) (i32.const 4))
    (i32.store8 (i32.const 656) (i32.const 8))
    (i32.store (i32.const 664) (i32.const 0))
    (i32.store (i32.const 668) (i32.const -1))
    (i32.const 512)))
