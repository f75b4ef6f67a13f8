;; case: G48
;; what: a slash in two bytes, as old decoders took it
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "\c0\af")
  (func $attack (result i32) (call $skip (i32.const 4096) (i32.const 2))))
