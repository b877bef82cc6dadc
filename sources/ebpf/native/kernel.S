/* The kernel's part as bytes in the loader, so that there is one file to install. KERNEL_PART is its path. */
  .section .rodata
  .global kernel_part, kernel_part_end
  .balign 8
kernel_part:
  .incbin KERNEL_PART
kernel_part_end:
  .byte 0
  .section .note.GNU-stack, "", %progbits
