;; case: G80
;; what: a page task is answered with an object
;; expect: fails invalid-object
;; task: create-document
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $item (i32.const 53) (i32.const 4))))
