;; case: G48
;; what: UTF-16 at an odd address
;; expect: fails bad-output
;; strings: utf16
;; behaves: never
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $skip (i32.const 4097) (i32.const 1))))
