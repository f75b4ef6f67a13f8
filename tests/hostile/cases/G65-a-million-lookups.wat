;; case: G65
;; what: settings are looked up for ever: the host's work counts for the deadline
;; expect: fails deadline
(module
  (import "lockgate:connector/settings@1.1.0" "get" (func $get (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (loop $again (call $get (i32.const 53) (i32.const 4) (i32.const 4096)) (br $again))
    unreachable))
