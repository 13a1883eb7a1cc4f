;; Passes on its call data. Byte 0 says how: 0 calls, 1 delegate-calls, 2 static-calls; 20 bytes of address follow, then
;; the data. Returns the status byte and what came back. Takes five pages.
(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "call_contract" (func $call_contract (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "delegate_call_contract" (func $delegate_call_contract (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "static_call_contract" (func $static_call_contract (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "read_return_data" (func $read_return_data (param i32 i32 i32) (result i32)))
  (memory (export "memory") 5 5)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $kind i32) (local $data i32) (local $status i32) (local $out i32)
    (call $read_args (i32.const 1024))
    (local.set $kind (i32.load8_u (i32.const 1024)))
    (local.set $data (i32.sub (local.get $len) (i32.const 21)))
    (if (i32.eqz (local.get $kind)) (then
      (local.set $status (call $call_contract
        (i32.const 1025) (i32.const 1045) (local.get $data) (i32.const 0) (i64.const -1) (i32.const 64)))))
    (if (i32.eq (local.get $kind) (i32.const 1)) (then
      (local.set $status (call $delegate_call_contract
        (i32.const 1025) (i32.const 1045) (local.get $data) (i64.const -1) (i32.const 64)))))
    (if (i32.eq (local.get $kind) (i32.const 2)) (then
      (local.set $status (call $static_call_contract
        (i32.const 1025) (i32.const 1045) (local.get $data) (i64.const -1) (i32.const 64)))))
    (i32.store8 (i32.const 4096) (local.get $status))
    (local.set $out (call $read_return_data (i32.const 4097) (i32.const 0) (i32.const 65536)))
    (call $write_result (i32.const 4096) (i32.add (local.get $out) (i32.const 1)))
    i32.const 0
  )
)
