// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.junit.jupiter.api.Test;

/** Looks symbols up in the vDSO as a C library does: dynamic section, hash, version. */
class VdsoImageTests {

    private static final int STT_FUNC_GLOBAL = 0x12;

    private final byte[] image = VdsoImage.build();
    private final int dynamic = dynamicSection();

    private int dynamicSection() {
        int count = LittleEndian.getUnsignedShort(image, 56);
        for (int i = 0; i < count; i++) {
            int at = ElfImage.HEADER_SIZE + i * ElfImage.PROGRAM_HEADER_SIZE;
            if (LittleEndian.getInt(image, at) == Elf.PT_DYNAMIC) {
                return (int) LittleEndian.getLong(image, at + 16);
            }
        }
        throw new AssertionError("no PT_DYNAMIC");
    }

    private int entry(int tag) {
        for (int at = dynamic; LittleEndian.getLong(image, at) != Elf.DT_NULL; at += 16) {
            if (LittleEndian.getLong(image, at) == tag) {
                return (int) LittleEndian.getLong(image, at + 8);
            }
        }
        throw new AssertionError("no dynamic entry " + tag);
    }

    private String string(int offset) {
        StringBuilder s = new StringBuilder();
        for (int at = entry(Elf.DT_STRTAB) + offset; image[at] != 0; at++) {
            s.append((char) image[at]);
        }
        return s.toString();
    }

    /** Index of a symbol by way of the hash table; 0 if it is not found. */
    private int find(String name) {
        int hash = entry(Elf.DT_HASH);
        int buckets = LittleEndian.getInt(image, hash);
        int first = hash + 8 + (int) (VdsoImage.hash(name) % buckets) * 4;
        int chains = hash + 8 + buckets * 4;
        for (int i = LittleEndian.getInt(image, first);
                i != 0;
                i = LittleEndian.getInt(image, chains + i * 4)) {
            int symbol = entry(Elf.DT_SYMTAB) + i * 24;
            if (string(LittleEndian.getInt(image, symbol)).equals(name)) {
                return i;
            }
        }
        return 0;
    }

    private String version(int symbol) {
        int wanted = LittleEndian.getUnsignedShort(image, entry(Elf.DT_VERSYM) + symbol * 2);
        int at = entry(Elf.DT_VERDEF);
        for (int i = 0; i < entry(Elf.DT_VERDEFNUM); i++) {
            int auxiliary = at + LittleEndian.getInt(image, at + 12);
            String name = string(LittleEndian.getInt(image, auxiliary));
            if (LittleEndian.getUnsignedShort(image, at + 4) == wanted) {
                assertThat(LittleEndian.getInt(image, at + 8))
                        .isEqualTo((int) VdsoImage.hash(name));
                return name;
            }
            at += LittleEndian.getInt(image, at + 16);
        }
        throw new AssertionError("no version " + wanted);
    }

    @Test
    void ourOwnLoaderAcceptsIt() throws ErrnoException {
        ElfImage parsed = ElfImage.parse(ElfSamples.reader(image), Errno.ENOEXEC);
        assertThat(parsed.isRelocatable).isTrue();
        assertThat(parsed.segments).hasSize(1);
        assertThat(parsed.segments[0].isExecutable()).isTrue();
        assertThat(parsed.end).isEqualTo(VdsoImage.SIZE);
    }

    @Test
    void everyFunctionIsFoundWithItsVersion() {
        for (String name : VdsoCode.NAMES) {
            int index = find(name);
            assertThat(index).as(name).isPositive();
            int symbol = entry(Elf.DT_SYMTAB) + index * 24;
            assertThat(image[symbol + 4]).isEqualTo((byte) STT_FUNC_GLOBAL);
            assertThat(LittleEndian.getUnsignedShort(image, symbol + 6)).isPositive();
            assertThat(version(index)).isEqualTo("LINUX_2.6");
            long value = LittleEndian.getLong(image, symbol + 8);
            long size = LittleEndian.getLong(image, symbol + 16);
            assertThat(value + size).isLessThanOrEqualTo(VdsoImage.SIZE);
        }
        assertThat(find("__vdso_nonsense")).isZero();
    }

    @Test
    void hashIsThatOfTheSystemVAbi() {
        assertThat(VdsoImage.hash("LINUX_2.6")).isEqualTo(0x3ae75f6);
        assertThat(VdsoImage.hash("__vdso_clock_gettime")).isEqualTo(0xd35ec75);
    }
}
