;; case: G37
;; what: a trap in get-internal-object-params
;; expect: fails trap
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $refers_to_object))
  (func $object_params (result i32) unreachable))
