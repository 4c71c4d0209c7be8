// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.testing;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.memory.MemoryFile;

/** Puts assembled code and data pages in front of a context. */
public final class GuestProgram {

    public static final long CODE = 0x400000;
    public static final long DATA = 0x500000;
    public static final long STACK_TOP = 0x601000;

    private static final int PAGE = MemoryFile.PAGE_SIZE;
    private static final int RX = Mman.PROT_READ | Mman.PROT_EXEC;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;

    private GuestProgram() {}

    /**
     * Maps code, a data page and a stack page; sets rip and rsp. Returns the data page's offset.
     */
    public static long load(Platform platform, GuestContext context, Assembler code)
            throws ErrnoException {
        MemoryFile memory = platform.memory();
        byte[] bytes = code.toBytes();
        long text = memory.allocate((bytes.length + PAGE - 1) / PAGE * (long) PAGE);
        memory.put(text, bytes, 0, bytes.length);
        long data = memory.allocate(PAGE);
        long stack = memory.allocate(PAGE);
        AddressSpace space = context.addressSpace();
        space.map(CODE, (bytes.length + PAGE - 1) / PAGE * (long) PAGE, text, RX);
        space.map(DATA, PAGE, data, RW);
        space.map(STACK_TOP - PAGE, PAGE, stack, RW);
        context.registers().rip = CODE;
        context.registers().rsp = STACK_TOP;
        return data;
    }
}
