// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;

import dev.jvisor.platform.SentryBug;

/**
 * The binding itself: one native call shape, six 64-bit arguments to a 64-bit result.
 *
 * <p>System calls do not go through {@code syscall(3)}: a page of machine code has one entry per
 * call number ({@code mov eax, number; mov r10, rcx; syscall; ret}), so a call with six arguments
 * fits the one shape and the kernel's answer comes back as it is, without errno. The page is made
 * once, before the Sentry forbids itself new executable mappings. See ADR 1 for why this is jffi's
 * invoker.
 */
final class Native {

    private static final int ENTRY_SIZE = 16;
    /** Behind the entries: {@code mov eax, esi; lock cmpxchg [rdi], edx; ret}. */
    private static final byte[] COMPARE_AND_EXCHANGE = {
        (byte) 0x89, (byte) 0xf0, (byte) 0xf0, 0x0f, (byte) 0xb1, 0x17, (byte) 0xc3
    };
    /** Numbers at and above this are not system calls of x86-64 (asm/unistd_64.h ends below). */
    static final int SYSCALLS_COUNT = 512;

    private static final int EXCHANGE_OFFSET = SYSCALLS_COUNT * ENTRY_SIZE;
    private static final int SPAWN_OFFSET = EXCHANGE_OFFSET + ENTRY_SIZE;

    private static final String NATIVE_REFLECTION = "jdk.reflect.useNativeAccessorOnly";
    private static final int PROT_READ_WRITE = 3;
    private static final int PROT_READ_EXEC = 5;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    static {
        // jffi finds its loader and the cleaner by reflection; the JDK would generate code for
        // these few calls, 10 ms of it. Heeded if nobody has used reflection before.
        if (System.getProperty(NATIVE_REFLECTION) == null) {
            System.setProperty(NATIVE_REFLECTION, "true");
        }
    }

    private static final Invoker INVOKER = Invoker.getInstance();
    private static final Library LIBC = Library.getDefault();
    private static final CallContext CONTEXT = context();
    private static final long ENTRIES = buildEntries();

    private Native() {}

    /** What only some platforms need; apart, so that the others do not pay for it. */
    private static final class Waiting {
        static final HandoverCode CODE = new HandoverCode();
        static final long PAGE = executable(CODE.bytes);
        static final long RESUME = PAGE + CODE.resume;
        static final long AWAIT_STOP = PAGE + CODE.awaitStop;
        static final long AWAIT = PAGE + CODE.await;
    }

    /** {@link Handover#resume}. */
    static int handoverResume(long word, long spins, long timeout) {
        return (int) call(Waiting.RESUME, word, spins, timeout, 0, 0, 0);
    }

    /** {@link Handover#awaitStop}. */
    static int handoverAwaitStop(long word, long spins, long timeout) {
        return (int) call(Waiting.AWAIT_STOP, word, spins, timeout, 0, 0, 0);
    }

    /** {@link Handover#await}. */
    static int handoverAwait(long word, int value, long spins, long timeout) {
        return (int) call(Waiting.AWAIT, word, value, spins, timeout, 0, 0);
    }

    static int extendedStateSize() {
        return (int) call(Waiting.PAGE + Waiting.CODE.extendedStateSize, 0, 0, 0, 0, 0, 0);
    }

    static void saveExtendedState(long address) {
        call(Waiting.PAGE + Waiting.CODE.saveExtendedState, address, 0, 0, 0, 0, 0);
    }

    static int processorFeatures() {
        return (int) call(Waiting.PAGE + Waiting.CODE.processorFeatures, 0, 0, 0, 0, 0, 0);
    }

    static long extendedStateFeatures() {
        return call(Waiting.PAGE + Waiting.CODE.extendedStateFeatures, 0, 0, 0, 0, 0, 0);
    }

    private static CallContext context() {
        Type word = Type.SLONG_LONG;
        Type[] parameters = {word, word, word, word, word, word};
        return CallContext.getCallContext(word, parameters, CallingConvention.DEFAULT, false);
    }

    private static long buildEntries() {
        byte[] spawn = SpawnCode.assemble();
        byte[] code = new byte[SPAWN_OFFSET + spawn.length];
        System.arraycopy(spawn, 0, code, SPAWN_OFFSET, spawn.length);
        for (int number = 0; number < SYSCALLS_COUNT; number++) {
            int at = number * ENTRY_SIZE;
            code[at] = (byte) 0xb8; // mov eax, imm32
            code[at + 1] = (byte) number;
            code[at + 2] = (byte) (number >> 8);
            code[at + 5] = 0x49; // mov r10, rcx
            code[at + 6] = (byte) 0x89;
            code[at + 7] = (byte) 0xca;
            code[at + 8] = 0x0f; // syscall
            code[at + 9] = 0x05;
            code[at + 10] = (byte) 0xc3; // ret
        }
        System.arraycopy(
                COMPARE_AND_EXCHANGE, 0, code, EXCHANGE_OFFSET, COMPARE_AND_EXCHANGE.length);
        return executable(code);
    }

    private static long executable(byte[] code) {
        long page =
                call(symbol("mmap"), 0, code.length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (page == -1) {
            throw new SentryBug("no memory for system call entries bytes=" + code.length);
        }
        RawMemory.put(page, code, 0, code.length);
        if ((int) call(symbol("mprotect"), page, code.length, PROT_READ_EXEC, 0, 0, 0) != 0) {
            throw new SentryBug("the host forbids executable memory for system call entries");
        }
        return page;
    }

    /** Executes a system call; the kernel's answer, errors as negated numbers. */
    static long syscall(int number, long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeL6NoErrno(CONTEXT, ENTRIES + number * ENTRY_SIZE, a, b, c, d, e, f);
    }

    /** Compares and exchanges the int at an address; returns the witness value. */
    static int compareAndExchange(long address, int expected, int value) {
        return (int) call(ENTRIES + EXCHANGE_OFFSET, address, expected, value, 0, 0, 0);
    }

    /** Runs {@link SpawnCode} over a block; the child's id or a negated error number. */
    static long spawn(long block) {
        return call(ENTRIES + SPAWN_OFFSET, block, 0, 0, 0, 0, 0);
    }

    /** memmove(3). */
    static void move(long from, long to, long length) {
        call(Moving.MEMMOVE, to, from, length, 0, 0, 0);
    }

    private static final class Moving {
        static final long MEMMOVE = symbol("memmove");
    }

    /** Calls a C function at an address. An {@code int} result is in the low half only. */
    static long call(long function, long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeL6NoErrno(CONTEXT, function, a, b, c, d, e, f);
    }

    /** Returns the address of a C library function. */
    static long symbol(String name) {
        long address = LIBC.getSymbolAddress(name);
        if (address == 0) {
            throw new SentryBug("C library without function name=" + name);
        }
        return address;
    }
}
