;; case: G53
;; what: days that do not exist, a year of five digits, a time without a zone
;; expect: fails bad-output
;; says: fields[time]
;; payload: 0000-00-00T00:00:00Z
;; payload: 2024-02-30T00:00:00Z
;; payload: 12024-01-01T00:00:00Z
;; payload: 2024-01-01T00:00:00
;; payload: -1
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "time")
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 4))
    (i32.store8 (i32.const 656) (i32.const 6))
    (i32.store (i32.const 664) (global.get $body))
    (i32.store (i32.const 668) (global.get $bytes))
    (i32.const 512)))
