# The executor of a tape (tape.ts): replays a table of system calls. executor.ts holds the bytes; a test assembles this
# with GNU as and compares.
#
# An entry is ten 64-bit words: number, six arguments, save, on_error, on_zero.
.intel_syntax noprefix
.set table, 0x410200                    # ELF_TABLE_ADDRESS in elf.ts
.set report, 3                          # KEEPER_FD.report in keeper_layout.ts

        mov     ebx, offset table
next_call:
        mov     rax, [rbx]
        mov     rdi, [rbx + 8]
        mov     rsi, [rbx + 16]
        mov     rdx, [rbx + 24]
        mov     r10, [rbx + 32]
        mov     r8, [rbx + 40]
        mov     r9, [rbx + 48]
        syscall
        cmp     rax, -4095              # -4095 to -1 are errors
        jae     failed
        mov     rcx, [rbx + 56]         # save: where the result goes
        test    rcx, rcx
        jz      saved
        mov     [rcx], rax
saved:
        test    rax, rax
        jnz     advance
        mov     rcx, [rbx + 72]         # on_zero: the entry after a result of 0
        test    rcx, rcx
        jnz     jump
advance:
        add     rbx, 80
        jmp     next_call
failed:
        mov     rcx, [rbx + 64]         # on_error: the entry after a failure
        test    rcx, rcx
        jz      fatal
jump:
        mov     rbx, rcx
        jmp     next_call
fatal:                                  # write {u32 entry, i32 errno} and leave
        neg     eax
        push    rax
        lea     eax, [rbx - table]
        xor     edx, edx
        mov     ecx, 80
        div     ecx
        shl     qword ptr [rsp], 32
        or      [rsp], rax
        mov     eax, 1                  # write(report, stack, 8)
        mov     edi, report
        mov     rsi, rsp
        mov     edx, 8
        syscall
        mov     eax, 231                # exit_group(1)
        mov     edi, 1
        syscall
