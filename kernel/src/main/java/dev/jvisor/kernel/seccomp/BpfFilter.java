// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * A classic BPF program over {@code struct seccomp_data} (linux/filter.h). Immutable, checked:
 * every jump goes forward and inside, every load is of the data or of a word that was stored.
 */
public final class BpfFilter {

    /** Most instructions of a program (BPF_MAXINSNS). */
    public static final int LENGTH_MAX = 4096;

    /** {@code sizeof(struct sock_filter)}. */
    public static final int INSTRUCTION_SIZE = 8;

    /** Words of {@code struct seccomp_data}, little endian. */
    public static final int DATA_WORDS = 16;

    /** What {@link #runOnNumber} gives if the program looks at more than number and arch. */
    static final int DEPENDS = 1;

    private static final int MEMORY_WORDS = 16;
    private static final int WORDS_KNOWN = 2; // number and architecture

    // Instruction codes.
    private static final int LD_W_LEN = 0x80;
    private static final int LDX_W_LEN = 0x81;
    private static final int LD_W_ABS = 0x20;
    private static final int LD_IMM = 0x00;
    private static final int LDX_IMM = 0x01;
    private static final int LD_MEM = 0x60;
    private static final int LDX_MEM = 0x61;
    private static final int ST = 0x02;
    private static final int STX = 0x03;
    private static final int ADD_K = 0x04;
    private static final int ADD_X = 0x0c;
    private static final int SUB_K = 0x14;
    private static final int SUB_X = 0x1c;
    private static final int MUL_K = 0x24;
    private static final int MUL_X = 0x2c;
    private static final int DIV_K = 0x34;
    private static final int DIV_X = 0x3c;
    private static final int OR_K = 0x44;
    private static final int OR_X = 0x4c;
    private static final int AND_K = 0x54;
    private static final int AND_X = 0x5c;
    private static final int LSH_K = 0x64;
    private static final int LSH_X = 0x6c;
    private static final int RSH_K = 0x74;
    private static final int RSH_X = 0x7c;
    private static final int NEG = 0x84;
    private static final int XOR_K = 0xa4;
    private static final int XOR_X = 0xac;
    private static final int JA = 0x05;
    private static final int JEQ_K = 0x15;
    private static final int JEQ_X = 0x1d;
    private static final int JGT_K = 0x25;
    private static final int JGT_X = 0x2d;
    private static final int JGE_K = 0x35;
    private static final int JGE_X = 0x3d;
    private static final int JSET_K = 0x45;
    private static final int JSET_X = 0x4d;
    private static final int RET_K = 0x06;
    private static final int RET_A = 0x16;
    private static final int TAX = 0x07;
    private static final int TXA = 0x87;

    private final int[] code;
    private final int[] operand;
    private final short[] whenTrue;
    private final short[] whenFalse;

    /**
     * Checks a program.
     *
     * @param raw {@code struct sock_filter} array
     * @throws ErrnoException EINVAL
     */
    public BpfFilter(byte[] raw) throws ErrnoException {
        int length = raw.length / INSTRUCTION_SIZE;
        if (length == 0 || length > LENGTH_MAX) {
            throw Errno.EINVAL.exception();
        }
        code = new int[length];
        operand = new int[length];
        whenTrue = new short[length];
        whenFalse = new short[length];
        for (int i = 0; i < length; i++) {
            int at = i * INSTRUCTION_SIZE;
            code[i] = LittleEndian.getInt(raw, at) & 0xffff;
            whenTrue[i] = (short) (raw[at + 2] & 0xff);
            whenFalse[i] = (short) (raw[at + 3] & 0xff);
            operand[i] = LittleEndian.getInt(raw, at + 4);
        }
        for (int i = 0; i < length; i++) {
            if (!isValid(i)) {
                throw Errno.EINVAL.exception();
            }
        }
        if (code[length - 1] != RET_K && code[length - 1] != RET_A || !loadsWhatWasStored()) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Number of instructions. */
    public int length() {
        return code.length;
    }

    /** The program as it was given. */
    public byte[] toBytes() {
        byte[] raw = new byte[code.length * INSTRUCTION_SIZE];
        for (int i = 0; i < code.length; i++) {
            int at = i * INSTRUCTION_SIZE;
            LittleEndian.putInt(raw, at, code[i]);
            raw[at + 2] = (byte) whenTrue[i];
            raw[at + 3] = (byte) whenFalse[i];
            LittleEndian.putInt(raw, at + 4, operand[i]);
        }
        return raw;
    }

    /** Linux: bpf_check_classic and seccomp_check_filter. */
    private boolean isValid(int i) {
        int k = operand[i];
        long left = code.length - i - 1L;
        return switch (code[i]) {
            case LD_W_ABS -> k >= 0 && k < DATA_WORDS * Integer.BYTES && (k & 3) == 0;
            case LD_MEM, LDX_MEM, ST, STX -> k >= 0 && k < MEMORY_WORDS;
            case DIV_K -> k != 0;
            case LSH_K, RSH_K -> k >= 0 && k < Integer.SIZE;
            case JA -> Integer.toUnsignedLong(k) < left;
            case JEQ_K, JEQ_X, JGT_K, JGT_X, JGE_K, JGE_X, JSET_K, JSET_X ->
                whenTrue[i] < left && whenFalse[i] < left;
            case LD_W_LEN,
                    LDX_W_LEN,
                    LD_IMM,
                    LDX_IMM,
                    ADD_K,
                    ADD_X,
                    SUB_K,
                    SUB_X,
                    MUL_K,
                    MUL_X,
                    DIV_X,
                    OR_K,
                    OR_X,
                    AND_K,
                    AND_X,
                    LSH_X,
                    RSH_X,
                    NEG,
                    XOR_K,
                    XOR_X,
                    RET_K,
                    RET_A,
                    TAX,
                    TXA -> true;
            default -> false;
        };
    }

    /** Linux: check_load_and_stores. Follows which words are stored on every way to a place. */
    private boolean loadsWhatWasStored() {
        int[] masks = new int[code.length];
        java.util.Arrays.fill(masks, -1);
        int stored = 0;
        for (int i = 0; i < code.length; i++) {
            stored &= masks[i];
            int k = operand[i];
            switch (code[i]) {
                case ST, STX -> stored |= 1 << k;
                case LD_MEM, LDX_MEM -> {
                    if ((stored & 1 << k) == 0) {
                        return false;
                    }
                }
                case JA -> {
                    masks[i + 1 + k] &= stored;
                    stored = -1;
                }
                case JEQ_K, JEQ_X, JGT_K, JGT_X, JGE_K, JGE_X, JSET_K, JSET_X -> {
                    masks[i + 1 + whenTrue[i]] &= stored;
                    masks[i + 1 + whenFalse[i]] &= stored;
                    stored = -1;
                }
                default -> {}
            }
        }
        return true;
    }

    /**
     * Runs the program.
     *
     * @param data {@link #DATA_WORDS} words
     * @return {@code SECCOMP_RET_*} with data
     */
    public int run(int[] data) {
        return run(data, DATA_WORDS);
    }

    /** As {@link #run}, but {@link #DEPENDS} if it looks at more than the first two words. */
    int runOnNumber(int[] data) {
        return run(data, WORDS_KNOWN);
    }

    private int run(int[] data, int known) {
        int[] memory = null;
        int a = 0;
        int x = 0;
        int pc = 0;
        for (; ; ) {
            int k = operand[pc];
            switch (code[pc]) {
                case LD_W_ABS -> {
                    int word = k >> 2;
                    if (word >= known) {
                        return DEPENDS;
                    }
                    a = data[word];
                }
                case RET_K -> {
                    return k;
                }
                case RET_A -> {
                    return a;
                }
                case JA -> pc += k;
                case JEQ_K -> pc += a == k ? whenTrue[pc] : whenFalse[pc];
                case JGE_K ->
                    pc += Integer.compareUnsigned(a, k) >= 0 ? whenTrue[pc] : whenFalse[pc];
                case JGT_K ->
                    pc += Integer.compareUnsigned(a, k) > 0 ? whenTrue[pc] : whenFalse[pc];
                case JSET_K -> pc += (a & k) != 0 ? whenTrue[pc] : whenFalse[pc];
                case JEQ_X -> pc += a == x ? whenTrue[pc] : whenFalse[pc];
                case JGE_X ->
                    pc += Integer.compareUnsigned(a, x) >= 0 ? whenTrue[pc] : whenFalse[pc];
                case JGT_X ->
                    pc += Integer.compareUnsigned(a, x) > 0 ? whenTrue[pc] : whenFalse[pc];
                case JSET_X -> pc += (a & x) != 0 ? whenTrue[pc] : whenFalse[pc];
                case LD_IMM -> a = k;
                case LDX_IMM -> x = k;
                case LD_W_LEN -> a = DATA_WORDS * Integer.BYTES;
                case LDX_W_LEN -> x = DATA_WORDS * Integer.BYTES;
                case TAX -> x = a;
                case TXA -> a = x;
                case ST, STX -> {
                    if (memory == null) {
                        memory = new int[MEMORY_WORDS];
                    }
                    memory[k] = code[pc] == ST ? a : x;
                }
                case LD_MEM -> a = memory == null ? 0 : memory[k];
                case LDX_MEM -> x = memory == null ? 0 : memory[k];
                case DIV_X -> {
                    if (x == 0) {
                        return 0; // the program ends
                    }
                    a = Integer.divideUnsigned(a, x);
                }
                default -> a = compute(code[pc], a, (code[pc] & 8) != 0 ? x : k);
            }
            pc++;
        }
    }

    private static int compute(int code, int a, int b) {
        return switch (code & ~8) {
            case ADD_K -> a + b;
            case SUB_K -> a - b;
            case MUL_K -> a * b;
            case DIV_K -> Integer.divideUnsigned(a, b);
            case OR_K -> a | b;
            case AND_K -> a & b;
            case XOR_K -> a ^ b;
            case LSH_K -> a << b;
            case RSH_K -> a >>> b;
            default -> -a; // NEG
        };
    }
}
