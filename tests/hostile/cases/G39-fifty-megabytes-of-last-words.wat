;; case: G39
;; what: 50 MB are printed to stderr before the crash
;; expect: fails panic
;; says: it said:
;; repeats: 20
(module
  (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $out i32) (local $n i32)
    (local.set $out (call $stderr))
    (memory.fill (i32.const 16384) (i32.const 88) (i32.const 4096))
    (loop $again
      (call $write (local.get $out) (i32.const 16384) (i32.const 4096) (i32.const 1024))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 12800))))
    unreachable))
