;; case: G80
;; what: an object of a type that the operator has not granted
;; expect: fails write-denied
;; says: test.item
;; granted: nothing
;; behaves: never
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $item (i32.const 53) (i32.const 4))))
