;; case: G80
;; what: an object of a type that the content model does not have
;; expect: fails invalid-object
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "cms.secret")
  (func $attack (result i32) (call $object (i32.const 4096) (i32.const 10) (i32.const 53) (i32.const 4))))
