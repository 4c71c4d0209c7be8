// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.junit.jupiter.api.Test;

import java.util.function.Consumer;

class ElfImageTests {

    private static ElfImage parse(byte[] file) throws ErrnoException {
        ElfImage image = ElfImage.parse(ElfSamples.reader(file), Errno.ENOEXEC);
        image.checkBounds(0x10000, 0x7ffffffff000L);
        return image;
    }

    private static void assertRefused(Errno errno, Consumer<byte[]> change) {
        byte[] file = ElfSamples.pie();
        change.accept(file);
        assertThatThrownBy(() -> parse(file)).isSameAs(errno.exception());
    }

    @Test
    void validProgramIsUnderstood() throws ErrnoException {
        ElfImage image = parse(ElfSamples.pie());
        assertThat(image.isRelocatable).isTrue();
        assertThat(image.interpreter).isEqualTo("/lib64/ld.so");
        assertThat(image.entry).isEqualTo(0x1040);
        assertThat(image.segments).hasSize(3);
        assertThat(image.start).isZero();
        assertThat(image.end).isEqualTo(0xd000);
        assertThat(image.headersAddress()).isEqualTo(ElfSamples.HEADERS);
        assertThat(image.hasExecutableStack).isFalse();
        assertThat(image.alignment).isEqualTo(0x1000);
    }

    @Test
    void otherArchitecturesAndTypesAreNoPrograms() {
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 18, Elf.EM_AARCH64));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 16, Elf.ET_REL));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 16, Elf.ET_CORE));
        assertRefused(Errno.ENOEXEC, b -> b[1] = 'X');
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 54, 32));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 56, 0));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putShort(b, 56, 65535));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putLong(b, 32, -1));
        assertRefused(Errno.ENOEXEC, b -> LittleEndian.putLong(b, 32, 1L << 40));
    }

    @Test
    void segmentsThatCannotBeMappedAreRefused() {
        int rw = Elf.PF_R | Elf.PF_W;
        // more in the file than in memory
        assertRefused(
                Errno.EINVAL,
                b -> ElfSamples.header(
                        b, 3, Elf.PT_LOAD, rw, 0x2000, 0x3000, 0x400, 0x300, 0x1000));
        // offset and address at different places in a page
        assertRefused(
                Errno.EINVAL,
                b -> ElfSamples.header(
                        b, 3, Elf.PT_LOAD, rw, 0x2000, 0x3010, 0x400, 0x400, 0x1000));
        // larger than the address space
        assertRefused(
                Errno.ENOMEM,
                b -> ElfSamples.header(
                        b, 3, Elf.PT_LOAD, rw, 0x2000, 0x3000, 0x400, 1L << 50, 0x1000));
        assertRefused(
                Errno.EINVAL,
                b -> ElfSamples.header(
                        b, 3, Elf.PT_LOAD, rw, 0x2000, -0x1000, 0x400, 0x2000, 0x1000));
        // fixed at page zero, and behind the end
        assertRefused(Errno.EPERM, b -> LittleEndian.putShort(b, 16, Elf.ET_EXEC));
        assertRefused(Errno.ENOMEM, b -> {
            LittleEndian.putShort(b, 16, Elf.ET_EXEC);
            for (int i = 1; i < 4; i++) {
                ElfSamples.header(
                        b, i, Elf.PT_LOAD, rw, 0, 0x7fffffff0000L, 0x400, 0x20000, 0x1000);
            }
        });
    }

    @Test
    void interpreterPathHasToBeAString() {
        assertRefused(Errno.ENOEXEC, b -> b[0x40c] = 'x');
        assertRefused(
                Errno.ENOEXEC,
                b -> ElfSamples.header(b, 0, Elf.PT_INTERP, Elf.PF_R, 0x400, 0x400, 1, 1, 1));
        assertRefused(
                Errno.ENOEXEC,
                b -> ElfSamples.header(b, 0, Elf.PT_INTERP, Elf.PF_R, 0x400, 0x400, 5000, 5000, 1));
        assertRefused(
                Errno.EIO,
                b -> ElfSamples.header(b, 0, Elf.PT_INTERP, Elf.PF_R, 0x2fff, 0x400, 13, 13, 1));
    }

    @Test
    void errorsOfAnInterpreterHaveTheirOwnNumber() {
        byte[] file = ElfSamples.pie();
        LittleEndian.putShort(file, 18, Elf.EM_386);
        assertThatThrownBy(() -> ElfImage.parse(ElfSamples.reader(file), Errno.ELIBBAD))
                .isSameAs(Errno.ELIBBAD.exception());
    }
}
