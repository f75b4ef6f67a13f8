;; case: G49
;; what: a reason for skipping that would colour a terminal and write a line of its own
;; expect: skipped
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "\1b[2J\1b[31mall is well\r\n\e2\80\ae{\22level\22:\22error\22}\00")
  (func $attack (result i32) (call $skip (i32.const 4096) (i32.const 43))))
