;; case: G48
;; what: a surrogate, encoded as if it were a character
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "\ed\a0\80")
  (func $attack (result i32) (call $skip (i32.const 4096) (i32.const 3))))
