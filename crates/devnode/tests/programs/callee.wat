;; Answers who called it, as whom it runs and with what value, and stores 0x22 in slot 0x11 of the acting account.
;; Written from the host calls of the vectors that call `wat/callee.wat`, whose source they do not include; its entry
;; price there fixes its length to within 8 bytes.
(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "msg_reentrant" (func $msg_reentrant (result i32)))
  (import "vm_hooks" "msg_sender" (func $msg_sender (param i32)))
  (import "vm_hooks" "contract_address" (func $contract_address (param i32)))
  (import "vm_hooks" "msg_value" (func $msg_value (param i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $storage_cache_bytes32 (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $storage_flush_cache (param i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 512))
    (i32.store (i32.const 0) (call $msg_reentrant))
    (call $msg_sender (i32.const 4))
    (call $contract_address (i32.const 24))
    (call $msg_value (i32.const 44))
    (i32.store8 (i32.const 159) (i32.const 0x11))
    (i32.store8 (i32.const 191) (i32.const 0x22))
    (call $storage_cache_bytes32 (i32.const 128) (i32.const 160))
    (call $storage_flush_cache (i32.const 1))
    (call $write_result (i32.const 0) (i32.const 76))
    i32.const 0
  )
)
