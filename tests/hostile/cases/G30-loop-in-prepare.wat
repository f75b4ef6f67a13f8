;; case: G30
;; what: an infinite loop in prepare-internal-object
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (func $attack (result i32) (loop $again (br $again)) unreachable))
