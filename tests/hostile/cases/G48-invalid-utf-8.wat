;; case: G48
;; what: bytes that are not UTF-8
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "\ff")
  (func $attack (result i32) (call $skip (i32.const 4096) (i32.const 1))))
