;; Stores 0x22 in slot 0x11, calls the address in its call data with all gas, then traps.
(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $storage_cache_bytes32 (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $storage_flush_cache (param i32)))
  (import "vm_hooks" "call_contract" (func $call_contract (param i32 i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 0))
    (i32.store8 (i32.const 159) (i32.const 0x11))
    (i32.store8 (i32.const 191) (i32.const 0x22))
    (call $storage_cache_bytes32 (i32.const 128) (i32.const 160))
    (call $storage_flush_cache (i32.const 1))
    (drop (call $call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i64.const -1) (i32.const 100)))
    unreachable
  )
)
