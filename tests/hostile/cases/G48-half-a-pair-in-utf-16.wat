;; case: G48
;; what: half of a surrogate pair in UTF-16
;; expect: fails bad-output
;; strings: utf16
;; behaves: never
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "\00\d8")
  (func $attack (result i32) (call $skip (i32.const 4096) (i32.const 1))))
