;; case: G50
;; what: a log level that the contract does not have
;; expect: fails trap
;; says: discriminant
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $log (i32.const 9) (i32.const 53) (i32.const 4)) unreachable))
