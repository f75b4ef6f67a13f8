;; case: G36
;; what: all memory is taken and written over and over, so that the host keeps it when the guest is gone
;; expect: stored
;; peak-mib: 40
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $n i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (loop $again
      (memory.fill (i32.const 8192) (local.get $n) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 8192)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3))))
    (call $item (i32.const 53) (i32.const 4))))
