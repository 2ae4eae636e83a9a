// What comes before the executor in a program that passes its own arguments and environment on (starter.ts). The stack
// holds at the start: argc, argv[0] to argv[argc - 1], NULL, the environment.

        add     x0, sp, #16             // &argv[1]
        movz    x1, #(arguments & 0xffff)
        movk    x1, #(arguments >> 16), lsl #16
        str     x0, [x1]
        ldr     x2, [sp]
        add     x0, x0, x2, lsl #3
        movz    x1, #(environment & 0xffff)
        movk    x1, #(environment >> 16), lsl #16
        str     x0, [x1]
