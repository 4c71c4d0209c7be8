// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

class InitialStackTests {

    private static final long TOP = 0x7ffff000L;
    private static final long MEGABYTE = 1 << 20;

    private static byte[] bytes(String s) {
        return s.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[][] strings(String... strings) {
        byte[][] all = new byte[strings.length][];
        for (int i = 0; i < strings.length; i++) {
            all[i] = bytes(strings[i]);
        }
        return all;
    }

    private static String string(byte[] image, long pointer, long address) {
        StringBuilder s = new StringBuilder();
        for (int at = (int) (address - pointer); image[at] != 0; at++) {
            s.append((char) image[at]);
        }
        return s.toString();
    }

    @Test
    void programFindsArgumentsEnvironmentAndAuxiliaryVector() throws ErrnoException {
        for (int gap = 0; gap < 40; gap++) {
            InitialStack stack = new InitialStack(
                    bytes("/bin/prog"), strings("prog", "", "two"), strings("A=1", "B=22"));
            stack.aux(Elf.AT_PAGESZ, 4096);
            byte[] random = new byte[16];
            Arrays.fill(random, (byte) 7);
            byte[] image = stack.build(TOP, gap, random);
            long sp = stack.pointer;
            assertThat(sp % 16).isZero();
            assertThat(image).hasSize((int) (TOP - sp));
            assertThat(image.length).isLessThanOrEqualTo((int) stack.sizeBound(gap));
            assertThat(LittleEndian.getLong(image, 0)).isEqualTo(3);
            assertThat(string(image, sp, LittleEndian.getLong(image, 8))).isEqualTo("prog");
            assertThat(string(image, sp, LittleEndian.getLong(image, 16))).isEmpty();
            assertThat(string(image, sp, LittleEndian.getLong(image, 24))).isEqualTo("two");
            assertThat(LittleEndian.getLong(image, 32)).isZero();
            assertThat(string(image, sp, LittleEndian.getLong(image, 40))).isEqualTo("A=1");
            assertThat(string(image, sp, LittleEndian.getLong(image, 48))).isEqualTo("B=22");
            assertThat(LittleEndian.getLong(image, 56)).isZero();
            assertThat(LittleEndian.getLong(image, 64)).isEqualTo(Elf.AT_PAGESZ);
            assertThat(aux(image, Elf.AT_PAGESZ)).isEqualTo(4096);
            assertThat(string(image, sp, aux(image, Elf.AT_EXECFN))).isEqualTo("/bin/prog");
            assertThat(string(image, sp, aux(image, Elf.AT_PLATFORM))).isEqualTo("x86_64");
            int at = (int) (aux(image, Elf.AT_RANDOM) - sp);
            assertThat(Arrays.copyOfRange(image, at, at + 16)).isEqualTo(random);
            assertThat(stack.argEnd - stack.argStart).isEqualTo(5 + 1 + 4);
            assertThat(stack.envEnd - stack.envStart).isEqualTo(4 + 5);
            assertThat(LittleEndian.getLong(image, image.length - 8)).isZero();
        }
    }

    private static long aux(byte[] image, int type) {
        for (int at = 64; LittleEndian.getLong(image, at) != Elf.AT_NULL; at += 16) {
            if (LittleEndian.getLong(image, at) == type) {
                return LittleEndian.getLong(image, at + 8);
            }
        }
        throw new AssertionError("no AT " + type);
    }

    @Test
    void sizesAreLimitedAsInLinux() throws ErrnoException {
        byte[] name = bytes("x");
        byte[][] none = {};
        byte[][] longest = {new byte[InitialStack.STRING_SIZE_MAX - 1]};
        byte[][] tooLong = {new byte[InitialStack.STRING_SIZE_MAX]};
        InitialStack.checkSize(name, longest, none, 8 * MEGABYTE);
        assertTooBig(name, tooLong, none, 8 * MEGABYTE);
        // a quarter of the stack limit, pointers included
        byte[][] many = new byte[100_000][];
        Arrays.fill(many, new byte[10]);
        InitialStack.checkSize(name, many, none, 8 * MEGABYTE);
        assertTooBig(name, many, many, 8 * MEGABYTE);
        // unlimited: three quarters of the default
        byte[][] more = new byte[330_000][];
        Arrays.fill(more, new byte[10]);
        InitialStack.checkSize(name, more, none, -1);
        assertTooBig(name, more, none, 8 * MEGABYTE);
        // never below ARG_MAX, but the stack has to hold the strings
        InitialStack.checkSize(name, new byte[][] {new byte[100_000]}, none, 128 * 1024);
        assertTooBig(name, new byte[][] {new byte[100_000]}, none, 64 * 1024);
    }

    private static void assertTooBig(byte[] name, byte[][] argv, byte[][] envp, long limit) {
        assertThatThrownBy(() -> InitialStack.checkSize(name, argv, envp, limit))
                .isSameAs(Errno.E2BIG.exception());
    }
}
