// The executor of a tape (tape.ts): replays a table of system calls. executor.ts holds the bytes; a test assembles this
// with GNU as and compares.
//
// An entry is ten 64-bit words: number, six arguments, save, on_error, on_zero.
.set table, 0x410200                    // ELF_TABLE_ADDRESS in elf.ts
.set report, 3                          // KEEPER_FD.report in keeper_layout.ts

        movz    x20, #(table & 0xffff)
        movk    x20, #(table >> 16), lsl #16
        mov     x19, x20
next_call:
        ldp     x8, x0, [x19]
        ldp     x1, x2, [x19, #16]
        ldp     x3, x4, [x19, #32]
        ldp     x5, x9, [x19, #48]      // x9, save: where the result goes
        svc     #0
        ldp     x10, x11, [x19, #64]    // on_error, on_zero
        cmn     x0, #4095               // -4095 to -1 are errors
        b.hs    failed
        cbz     x9, saved
        str     x0, [x9]
saved:
        cbnz    x0, advance
        cbnz    x11, zero
advance:
        add     x19, x19, #80
        b       next_call
zero:
        mov     x19, x11
        b       next_call
failed:
        cbz     x10, fatal
        mov     x19, x10
        b       next_call
fatal:                                  // write {u32 entry, i32 errno} and leave
        neg     w1, w0
        sub     x0, x19, x20
        mov     x2, #80
        udiv    x0, x0, x2
        stp     w0, w1, [sp, #-16]!
        mov     x0, #report             // write(report, stack, 8)
        mov     x1, sp
        mov     x2, #8
        mov     x8, #64
        svc     #0
        mov     x0, #1                  // exit_group(1)
        mov     x8, #94
        svc     #0
