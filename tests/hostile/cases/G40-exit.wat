;; case: G40
;; what: the guest exits with success in the middle of a call
;; expect: fails exit
;; says: status 0
(module
  (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $exit (i32.const 0)) unreachable))
