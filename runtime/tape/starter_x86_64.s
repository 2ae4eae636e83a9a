# What comes before the executor in a program that passes its own arguments and environment on (starter.ts). The stack
# holds at the start: argc, argv[0] to argv[argc - 1], NULL, the environment.
.intel_syntax noprefix

        lea     rax, [rsp + 16]         # &argv[1]
        mov     [arguments], rax
        mov     rcx, [rsp]
        lea     rax, [rsp + 8 * rcx + 16]
        mov     [environment], rax
