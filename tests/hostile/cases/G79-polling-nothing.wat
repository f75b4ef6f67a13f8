;; case: G79
;; what: the guest polls an empty list, which would never be ready
;; expect: fails trap
(module
  (import "wasi:io/poll@0.2.0" "poll" (func $poll (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $poll (i32.const 4096) (i32.const 0) (i32.const 4112)) unreachable))
