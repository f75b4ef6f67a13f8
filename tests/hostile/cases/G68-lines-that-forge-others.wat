;; case: G68
;; what: a line that breaks into two, colours the terminal, and looks like a record of the host's own log
;; expect: stored
;; log: {"level":"ERROR","message":"all is lost"}
;; log-lines: 1
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (data (i32.const 4096) "well\0d\0a{\22level\22:\22ERROR\22,\22message\22:\22all is lost\22}\1b[2J\e2\80\ae")
  (func $attack (result i32)
    (call $log (i32.const 2) (i32.const 4096) (i32.const 55))
    (call $item (i32.const 53) (i32.const 4))))
