;; case: G31
;; what: two functions that call each other in tail position for ever
;; expect: refused invalid-component
;; says: tail call
(module %MEMORY% %METHODS%
  (func $attack (result i32) (return_call $other))
  (func $other (result i32) (return_call $attack)))
