;; case: G49
;; what: code names with NUL, an escape sequence, a line break, a mark that turns the text's direction
;; expect: fails bad-output
;; payload: 0
;; payload: 1
;; payload: 2
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "nam\00e\00\00\00" "\1b[31me\00" "na\nme\00\00\00")
  (func $attack (result i32)
    (call $item
      (i32.add (i32.const 4096) (i32.mul (i32.const 8) (i32.sub (i32.load8_u (global.get $body)) (i32.const 48))))
      (i32.const 5))))
