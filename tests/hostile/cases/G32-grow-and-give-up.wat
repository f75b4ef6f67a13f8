;; case: G32
;; what: memory is grown until it is refused, then the guest crashes as allocators do
;; expect: fails memory-limit
;; peak-mib: 24
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    unreachable))
