// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.seccomp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds a classic BPF program over {@code struct seccomp_data} (linux/filter.h, linux/seccomp.h).
 *
 * <p>Jumps go forward to labels, at most 255 instructions for conditional ones.
 */
public final class BpfProgram {

    /** {@code sizeof(struct sock_filter)}. */
    public static final int INSTRUCTION_SIZE = 8;

    /** Offsets in {@code struct seccomp_data}; 64-bit words have their low half first. */
    public static final int OFFSET_NR = 0;

    public static final int OFFSET_ARCH = 4;
    public static final int OFFSET_IP_LOW = 8;
    public static final int OFFSET_IP_HIGH = 12;

    public static final int AUDIT_ARCH_X86_64 = 0xc000003e;

    public static final int RET_KILL_PROCESS = 0x80000000;
    public static final int RET_TRAP = 0x00030000;
    public static final int RET_ERRNO = 0x00050000;
    public static final int RET_USER_NOTIF = 0x7fc00000;
    public static final int RET_ALLOW = 0x7fff0000;

    private static final int LOAD_WORD_ABSOLUTE = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER_EQUAL = 0x35;
    private static final int JUMP_BITS = 0x45;
    private static final int JUMP_ALWAYS = 0x05;
    private static final int RETURN = 0x06;
    private static final int JUMP_MAX = 255;

    /** Returns the offset of the low half of an argument. */
    public static int offsetArgument(int index) {
        return 16 + 8 * index;
    }

    /** A place to jump to. */
    public static final class Target {
        private int position = -1;
    }

    private record Jump(int at, Target whenTrue, Target whenFalse) {}

    private final Target next = new Target();
    private final List<Jump> jumps = new ArrayList<>();
    private long[] code = new long[32];
    private int size;

    /** Loads the word at an offset of the data into the accumulator. */
    public BpfProgram load(int offset) {
        return emit(LOAD_WORD_ABSOLUTE, offset);
    }

    /** Continues at {@code target} if the accumulator equals a value. */
    public BpfProgram jumpIfEqual(int value, Target target) {
        return jump(JUMP_EQUAL, value, target, next);
    }

    /** Continues at {@code target} if the accumulator differs from a value. */
    public BpfProgram jumpUnlessEqual(int value, Target target) {
        return jump(JUMP_EQUAL, value, next, target);
    }

    /** Continues at {@code target} if the accumulator is at least a value (unsigned). */
    public BpfProgram jumpIfAtLeast(int value, Target target) {
        return jump(JUMP_GREATER_EQUAL, value, target, next);
    }

    /** Continues at {@code target} if the accumulator is below a value (unsigned). */
    public BpfProgram jumpIfBelow(int value, Target target) {
        return jump(JUMP_GREATER_EQUAL, value, next, target);
    }

    /** Continues at {@code target} if the accumulator has one of some bits. */
    public BpfProgram jumpIfBits(int bits, Target target) {
        return jump(JUMP_BITS, bits, target, next);
    }

    /** Continues at {@code target}. */
    public BpfProgram jump(Target target) {
        jumps.add(new Jump(size, target, target));
        return emit(JUMP_ALWAYS, 0);
    }

    /** Ends with an action ({@code RET_*}, with its data in the low 16 bits). */
    public BpfProgram ret(int action) {
        return emit(RETURN, action);
    }

    /** Makes a target stand for the next instruction. */
    public BpfProgram bind(Target target) {
        target.position = size;
        return this;
    }

    /** Returns the number of instructions. */
    public int length() {
        return size;
    }

    /** Returns the program as an array of {@code struct sock_filter}, little endian. */
    public byte[] toBytes() {
        for (Jump jump : jumps) {
            resolve(jump);
        }
        byte[] bytes = new byte[size * INSTRUCTION_SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (code[i >> 3] >> (8 * (i & 7)));
        }
        return bytes;
    }

    private void resolve(Jump jump) {
        int whenTrue = distance(jump.at, jump.whenTrue);
        if ((code[jump.at] & 0xffff) == JUMP_ALWAYS) {
            code[jump.at] = JUMP_ALWAYS | ((long) whenTrue << 32);
            return;
        }
        int whenFalse = distance(jump.at, jump.whenFalse);
        if (whenTrue > JUMP_MAX || whenFalse > JUMP_MAX) {
            throw new IllegalStateException("jump too far at=" + jump.at);
        }
        code[jump.at] |= ((long) whenTrue << 16) | ((long) whenFalse << 24);
    }

    private int distance(int at, Target target) {
        if (target == next) {
            return 0;
        }
        int distance = target.position - (at + 1);
        if (target.position < 0 || distance < 0) {
            throw new IllegalStateException("target is not bound or lies behind at=" + at);
        }
        return distance;
    }

    private BpfProgram jump(int operation, int value, Target whenTrue, Target whenFalse) {
        jumps.add(new Jump(size, whenTrue, whenFalse));
        return emit(operation, value);
    }

    private BpfProgram emit(int operation, int value) {
        if (size == code.length) {
            code = Arrays.copyOf(code, size * 2);
        }
        code[size++] = operation | ((long) value << 32);
        return this;
    }
}
