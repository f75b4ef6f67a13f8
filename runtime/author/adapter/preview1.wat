;; `wasi_snapshot_preview1` for connectors in Go, on top of the contract alone: no WASI is left in the component.
;;
;; What a Go program may do here: write to stdout and stderr, which are the task's log; ask for the time and for random
;; bytes, which are the host's; end itself. There are no files, arguments, environment or sockets.
;;
;; Whoever uses it lends it 8,256 bytes of memory with `lockgate_area`, as the Go SDK does. README.md tells why it is sound.
(module
  (import "env" "memory" (memory 0))
  (import "lockgate:connector/log@1.0.0" "log" (func $log (param $level i32) (param $text i32) (param $len i32)))
  (import "lockgate:connector/clock@1.0.0" "now-ms" (func $now_ms (result f64)))
  (import "lockgate:connector/random@1.0.0" "bytes" (func $bytes (param $len i32) (param $answer i32)))

  ;; The area: 0 to 7 the answer of `bytes`, 8 to 47 the last word, 64 to 4159 a line of stdout, 4160 to 8255 one of stderr.
  (global $area (mut i32) (i32.const 0))
  (global $out_len (mut i32) (i32.const 0))
  (global $err_len (mut i32) (i32.const 0))
  ;; Whether the host may not be called just now: see `adapter_monotonic_clock_set_paused`.
  (global $paused (mut i32) (i32.const 0))
  (global $seeded (mut i32) (i32.const 0))
  (global $now_ns (mut i64) (i64.const 0))
  (global $monotonic_ns (mut i64) (i64.const 0))
  ;; Where the host is to put random bytes.
  (global $random_into (mut i32) (i32.const 0))

  (func (export "lockgate_area") (param $area i32)
    (global.set $area (local.get $area)))

  ;; The runtime package of `wit-bindgen` says so around each allocation for the host, in which the collector may run and
  ;; ask for the time. The Go SDK needs it not: its `cabi_realloc` enters neither collector nor scheduler.
  (func (export "adapter_monotonic_clock_set_paused") (param $paused i32)
    (global.set $paused (local.get $paused)))

  ;; Output

  (func $say (param $level i32) (param $text i32) (param $len i32)
    (if (i32.and (i32.eqz (global.get $paused)) (i32.ne (local.get $len) (i32.const 0)))
      (then (call $log (local.get $level) (local.get $text) (local.get $len)))))

  (func $end_out
    (call $say (i32.const 2) (i32.add (global.get $area) (i32.const 64)) (global.get $out_len))
    (global.set $out_len (i32.const 0)))

  ;; What Go's runtime says when it gives up is an error, the host takes it for the message of the trap that follows; the rest
  ;; of stderr is a warning.
  (func $end_err
    (call $say
      (select (i32.const 4) (i32.const 3) (call $gives_up))
      (i32.add (global.get $area) (i32.const 4160)) (global.get $err_len))
    (global.set $err_len (i32.const 0)))

  ;; Whether the line of stderr begins with "panic: ", "fatal er" or "runtime:".
  (func $gives_up (result i32)
    (local $head i64)
    (if (i32.lt_u (global.get $err_len) (i32.const 8)) (then (return (i32.const 0))))
    (local.set $head (i64.load offset=4160 (global.get $area)))
    (i32.or
      (i64.eq (i64.and (local.get $head) (i64.const 0x00ffffffffffffff)) (i64.const 0x00203a63696e6170))
      (i32.or
        (i64.eq (local.get $head) (i64.const 0x7265206c61746166))
        (i64.eq (local.get $head) (i64.const 0x3a656d69746e7572)))))

  (func $out_byte (param $byte i32)
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (call $end_out) (return)))
    (if (i32.ge_u (global.get $out_len) (i32.const 4096)) (then (call $end_out)))
    (i32.store8 offset=64 (i32.add (global.get $area) (global.get $out_len)) (local.get $byte))
    (global.set $out_len (i32.add (global.get $out_len) (i32.const 1))))

  (func $err_byte (param $byte i32)
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (call $end_err) (return)))
    (if (i32.ge_u (global.get $err_len) (i32.const 4096)) (then (call $end_err)))
    (i32.store8 offset=4160 (i32.add (global.get $area) (global.get $err_len)) (local.get $byte))
    (global.set $err_len (i32.add (global.get $err_len) (i32.const 1))))

  (func $write (param $fd i32) (param $at i32) (param $len i32)
    (local $end i32)
    (if (i32.eqz (global.get $area))
      (then
        (call $say (i32.add (local.get $fd) (i32.const 1)) (local.get $at) (local.get $len))
        (return)))
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (if (i32.eq (local.get $fd) (i32.const 1))
            (then (call $out_byte (i32.load8_u (local.get $at))))
            (else (call $err_byte (i32.load8_u (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))))

  ;; A line that has no end yet is logged; the SDK asks for it when a call ends.
  (func $flush (export "lockgate_flush")
    (call $end_out)
    (call $end_err))

  (func (export "fd_write") (param $fd i32) (param $iovs i32) (param $iovs_len i32) (param $written i32) (result i32)
    (local $sum i32) (local $len i32)
    (if (i32.gt_u (i32.sub (local.get $fd) (i32.const 1)) (i32.const 1)) (then (return (i32.const 8))))
    (loop $next
      (if (local.get $iovs_len)
        (then
          (local.set $len (i32.load offset=4 (local.get $iovs)))
          (call $write (local.get $fd) (i32.load (local.get $iovs)) (local.get $len))
          (local.set $sum (i32.add (local.get $sum) (local.get $len)))
          (local.set $iovs (i32.add (local.get $iovs) (i32.const 8)))
          (local.set $iovs_len (i32.sub (local.get $iovs_len) (i32.const 1)))
          (br $next))))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))

  ;; Go's runtime traps when it gives up, so whoever comes here called os.Exit. Adapters have no data of their own, hence numbers:
  ;; "the connector ended itself with os.Exit".
  (func (export "proc_exit") (param $code i32)
    (if (global.get $area)
      (then
        (call $flush)
        (i64.store offset=8 (global.get $area) (i64.const 0x6e6e6f6320656874))
        (i64.store offset=16 (global.get $area) (i64.const 0x6e6520726f746365))
        (i64.store offset=24 (global.get $area) (i64.const 0x6573746920646564))
        (i64.store offset=32 (global.get $area) (i64.const 0x206874697720666c))
        (i64.store offset=40 (global.get $area) (i64.const 0x20746978452e736f))
        (call $say (i32.const 4) (i32.add (global.get $area) (i32.const 8)) (i32.const 39))))
    unreachable)

  ;; Time

  ;; Clock 0 is the time of day. The others never stand still, so that a duration is never nothing.
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $answer i32) (result i32)
    (if (i32.eqz (global.get $paused))
      (then (global.set $now_ns (i64.mul (i64.trunc_sat_f64_u (call $now_ms)) (i64.const 1000000)))))
    (if (i32.eqz (local.get $clock))
      (then (i64.store (local.get $answer) (global.get $now_ns)) (return (i32.const 0))))
    (global.set $monotonic_ns (i64.add (global.get $monotonic_ns) (i64.const 1)))
    (if (i64.lt_u (global.get $monotonic_ns) (global.get $now_ns))
      (then (global.set $monotonic_ns (global.get $now_ns))))
    (i64.store (local.get $answer) (global.get $monotonic_ns))
    (i32.const 0))

  ;; The host has no way to wait, so each timer is answered at once; the scheduler looks at the clock and asks again.
  (func (export "poll_oneoff") (param $in i32) (param $out i32) (param $count i32) (param $events i32) (result i32)
    (i64.store (local.get $out) (i64.load (local.get $in)))
    (i64.store offset=8 (local.get $out) (i64.const 0))
    (i64.store offset=16 (local.get $out) (i64.const 0))
    (i64.store offset=24 (local.get $out) (i64.const 0))
    (i32.store (local.get $events) (i32.const 1))
    (i32.const 0))

  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; Randomness

  ;; The first to ask is Go's runtime, for its maps and `math/rand`: it gets the same bytes each time, so that the same task
  ;; takes the same way twice. All others, `crypto/rand` first of all, get the host's.
  (func (export "random_get") (param $at i32) (param $len i32) (result i32)
    (local $part i32)
    (if (i32.eqz (global.get $seeded))
      (then
        (global.set $seeded (i32.const 1))
        (memory.fill (local.get $at) (i32.const 0x4c) (local.get $len))
        (return (i32.const 0))))
    (if (i32.or (global.get $paused) (i32.eqz (global.get $area))) (then (return (i32.const 52))))
    (loop $next
      (if (local.get $len)
        (then
          (local.set $part (select (local.get $len) (i32.const 4096) (i32.lt_u (local.get $len) (i32.const 4096))))
          (global.set $random_into (local.get $at))
          (call $bytes (local.get $part) (global.get $area))
          (local.set $at (i32.add (local.get $at) (local.get $part)))
          (local.set $len (i32.sub (local.get $len) (local.get $part)))
          (br $next))))
    (i32.const 0))

  ;; The host puts what `bytes` answers where it is wanted. Nothing else here needs memory of the host's choice.
  (func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $random_into))

  ;; Arguments and environment: none.

  (func $none (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "environ_sizes_get" (func $none))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; Files: the three standard ones are character devices (2); stdin is at its end; others are bad descriptors (8).

  (func (export "fd_fdstat_get") (param $fd i32) (param $answer i32) (result i32)
    (if (i32.gt_u (local.get $fd) (i32.const 2)) (then (return (i32.const 8))))
    (i64.store (local.get $answer) (i64.const 2))
    (i64.store offset=8 (local.get $answer) (i64.const -1))
    (i64.store offset=16 (local.get $answer) (i64.const -1))
    (i32.const 0))
  (func (export "fd_read") (param $fd i32) (param $iovs i32) (param $iovs_len i32) (param $read i32) (result i32)
    (i32.store (local.get $read) (i32.const 0))
    (i32.const 0))
  (func (export "fd_close") (param i32) (result i32) (i32.const 0))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))

  ;; The rest of preview1 is not there (52).

  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 52))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 52))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 52))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 52))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 52))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 52))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 52))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 52))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "proc_raise") (param i32) (result i32) (i32.const 52))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 52))
  (func (export "clock_res_get") (param i32 i32) (result i32) (i32.const 52))
)
