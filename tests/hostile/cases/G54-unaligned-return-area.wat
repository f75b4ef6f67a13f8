;; case: G54
;; what: an import is given an unaligned address for its answer
;; expect: fails trap
(module
  (import "lockgate:connector/random@1.1.0" "bytes" (func $random (param i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $random (i32.const 8) (i32.const 4097)) unreachable))
