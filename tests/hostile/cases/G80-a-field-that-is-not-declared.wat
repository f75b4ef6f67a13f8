;; case: G80
;; what: a field that the type does not have
;; expect: fails invalid-object
;; says: next
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 53) (i32.const 4))
    (i32.const 512)))
