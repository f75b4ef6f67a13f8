;; case: G70
;; what: 2 GiB of random bytes are asked for
;; expect: fails trap
;; peak-mib: 8
(module
  (import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $random (i64.const 0x80000000) (i32.const 4096)) unreachable))
