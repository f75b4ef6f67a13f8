;; case: G86
;; what: fresh memory is searched for what others left in it, and filled for the next one to find
;; expect: stored
;; limits: memory_mib=2
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $at i32) (local $end i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (local.set $at (i32.const 65536))
    (loop $look
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
      (br_if $look (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    (memory.fill (i32.const 65536) (i32.const 0xaa) (i32.sub (local.get $end) (i32.const 65536)))
    (call $item (i32.const 53) (i32.const 4))))
