;; case: G30
;; what: an infinite loop in get-internal-object-params
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $refers_to_object))
  (func $object_params (result i32) (loop $again (br $again)) unreachable))
