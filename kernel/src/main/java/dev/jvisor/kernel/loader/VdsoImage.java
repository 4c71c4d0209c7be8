// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.LittleEndian;

import java.nio.charset.StandardCharsets;

/**
 * The vDSO as C libraries want it: a shared object with one segment, a symbol table with hash and
 * the version LINUX_2.6 (System V ABI; Linux: arch/x86/entry/vdso). Section headers are there for
 * debuggers.
 */
final class VdsoImage {

    static final int SIZE = 4096;

    private static final int CODE_OFFSET = 0x900;
    private static final int SYMBOL_SIZE = 24;
    private static final int DYNAMIC_SIZE = 16;
    private static final int SECTION_SIZE = 64;
    private static final int HASH_BUCKETS = 3;
    private static final int VERSION_BASE = 1;
    private static final int VERSION_LINUX = 2;
    private static final int VER_FLG_BASE = 1;
    private static final int VERDEF_SIZE = 28; // entry with one auxiliary entry
    private static final String SONAME = "linux-vdso.so.1";
    private static final String VERSION = "LINUX_2.6";
    private static final int TEXT_SECTION = 7;

    private static final String[] SECTIONS = {
        "",
        ".hash",
        ".dynsym",
        ".dynstr",
        ".gnu.version",
        ".gnu.version_d",
        ".dynamic",
        ".text",
        ".shstrtab",
    };

    private final byte[] image = new byte[SIZE];
    private final VdsoCode code = new VdsoCode(CODE_OFFSET);
    private final StringBuilder strings = new StringBuilder("\0");
    private int next;

    private VdsoImage() {}

    /** Builds the image: one page. */
    static byte[] build() {
        VdsoImage v = new VdsoImage();
        v.write();
        return v.image;
    }

    private int string(String s) {
        int offset = strings.length();
        strings.append(s).append('\0');
        return offset;
    }

    private int reserve(int size, int alignment) {
        int at = next + alignment - 1 & -alignment;
        next = at + size;
        return at;
    }

    private void write() {
        int count = VdsoCode.NAMES.length + 1;
        next = ElfImage.HEADER_SIZE + 2 * ElfImage.PROGRAM_HEADER_SIZE;
        int[] names = new int[count];
        for (int i = 1; i < count; i++) {
            names[i] = string(VdsoCode.NAMES[i - 1]);
        }
        final int soname = string(SONAME);
        final int version = string(VERSION);
        int hashSize = (2 + HASH_BUCKETS + count) * 4;
        int hash = reserve(hashSize, 8);
        int symbols = reserve(count * SYMBOL_SIZE, 8);
        int stringsAt = reserve(strings.length(), 1);
        int versions = reserve(count * 2, 2);
        int definitions = reserve(2 * VERDEF_SIZE, 8);
        int dynamicSize = 10 * DYNAMIC_SIZE;
        int dynamic = reserve(dynamicSize, 8);

        writeHash(hash, count);
        writeSymbols(symbols, versions, names);
        put(stringsAt, strings.toString());
        writeDefinitions(definitions, soname, version);
        writeDynamic(dynamic, hash, stringsAt, symbols, versions, definitions, soname);
        byte[] text = code.bytes();
        int[] starts = {0, hash, symbols, stringsAt, versions, definitions, dynamic, CODE_OFFSET};
        int[] sizes = {
            0,
            hashSize,
            count * SYMBOL_SIZE,
            strings.length(),
            count * 2,
            2 * VERDEF_SIZE,
            dynamicSize,
            text.length,
        };
        int sections = writeSections(starts, sizes);
        if (next > CODE_OFFSET || CODE_OFFSET + text.length > SIZE) {
            throw new IllegalStateException("vDSO does not fit");
        }
        System.arraycopy(text, 0, image, CODE_OFFSET, text.length);
        writeHeader(sections, dynamic, dynamicSize);
    }

    private void put(int at, String s) {
        byte[] bytes = s.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, image, at, bytes.length);
    }

    private void putInt(int at, int value) {
        LittleEndian.putInt(image, at, value);
    }

    private void putLong(int at, long value) {
        LittleEndian.putLong(image, at, value);
    }

    private void putShort(int at, int value) {
        LittleEndian.putShort(image, at, value);
    }

    private void writeHeader(int sections, int dynamic, int dynamicSize) {
        image[0] = 0x7f;
        put(1, "ELF");
        image[Elf.EI_CLASS] = Elf.ELFCLASS64;
        image[Elf.EI_DATA] = Elf.ELFDATA2LSB;
        image[Elf.EI_VERSION] = Elf.EV_CURRENT;
        putShort(16, Elf.ET_DYN);
        putShort(18, Elf.EM_X86_64);
        putInt(20, Elf.EV_CURRENT);
        putLong(24, CODE_OFFSET);
        putLong(32, ElfImage.HEADER_SIZE);
        putLong(40, sections);
        putShort(52, ElfImage.HEADER_SIZE);
        putShort(54, ElfImage.PROGRAM_HEADER_SIZE);
        putShort(56, 2);
        putShort(58, SECTION_SIZE);
        putShort(60, SECTIONS.length);
        putShort(62, SECTIONS.length - 1);
        int at = ElfImage.HEADER_SIZE;
        writeProgramHeader(at, Elf.PT_LOAD, Elf.PF_R | Elf.PF_X, 0, SIZE, SIZE);
        at += ElfImage.PROGRAM_HEADER_SIZE;
        writeProgramHeader(at, Elf.PT_DYNAMIC, Elf.PF_R, dynamic, dynamicSize, 8);
    }

    private void writeProgramHeader(
            int at, int type, int flags, int start, int size, int alignment) {
        putInt(at, type);
        putInt(at + 4, flags);
        putLong(at + 8, start);
        putLong(at + 16, start);
        putLong(at + 24, start);
        putLong(at + 32, size);
        putLong(at + 40, size);
        putLong(at + 48, alignment);
    }

    private void writeHash(int at, int count) {
        putInt(at, HASH_BUCKETS);
        putInt(at + 4, count);
        int buckets = at + 8;
        int chains = buckets + HASH_BUCKETS * 4;
        for (int i = 1; i < count; i++) {
            int bucket = buckets + (int) (hash(VdsoCode.NAMES[i - 1]) % HASH_BUCKETS) * 4;
            putInt(chains + i * 4, LittleEndian.getInt(image, bucket));
            putInt(bucket, i);
        }
    }

    /** The System V ABI's hash of a name, 28 bits. */
    static long hash(String name) {
        long h = 0;
        for (int i = 0; i < name.length(); i++) {
            h = (h << 4) + name.charAt(i);
            long top = h & 0xf0000000L;
            h ^= top >>> 24;
            h &= 0x0fffffffL;
        }
        return h;
    }

    private void writeSymbols(int symbols, int versions, int[] names) {
        byte[] text = code.bytes();
        int[] offsets = code.offsets();
        for (int i = 1; i < names.length; i++) {
            int at = symbols + i * SYMBOL_SIZE;
            int start = offsets[i - 1];
            int end = i < offsets.length ? offsets[i] : text.length;
            putInt(at, names[i]);
            image[at + 4] = (byte) (Elf.STB_GLOBAL << 4 | Elf.STT_FUNC);
            putShort(at + 6, TEXT_SECTION);
            putLong(at + 8, CODE_OFFSET + start);
            putLong(at + 16, end - start);
            putShort(versions + i * 2, VERSION_LINUX);
        }
    }

    private void writeDefinitions(int at, int soname, int version) {
        writeDefinition(at, VER_FLG_BASE, VERSION_BASE, SONAME, soname, VERDEF_SIZE);
        writeDefinition(at + VERDEF_SIZE, 0, VERSION_LINUX, VERSION, version, 0);
    }

    private void writeDefinition(
            int at, int flags, int index, String name, int nameOffset, int toNext) {
        putShort(at, 1); // vd_version
        putShort(at + 2, flags);
        putShort(at + 4, index);
        putShort(at + 6, 1); // vd_cnt
        putInt(at + 8, (int) hash(name));
        putInt(at + 12, 20); // vd_aux
        putInt(at + 16, toNext);
        putInt(at + 20, nameOffset); // vda_name
        putInt(at + 24, 0); // vda_next
    }

    private void writeDynamic(
            int at,
            int hash,
            int stringsAt,
            int symbols,
            int versions,
            int definitions,
            int soname) {
        long[] entries = {
            Elf.DT_SONAME, soname,
            Elf.DT_HASH, hash,
            Elf.DT_STRTAB, stringsAt,
            Elf.DT_SYMTAB, symbols,
            Elf.DT_STRSZ, strings.length(),
            Elf.DT_SYMENT, SYMBOL_SIZE,
            Elf.DT_VERSYM, versions,
            Elf.DT_VERDEF, definitions,
            Elf.DT_VERDEFNUM, 2,
            Elf.DT_NULL, 0,
        };
        for (int i = 0; i < entries.length; i++) {
            putLong(at + i * 8, entries[i]);
        }
    }

    private int writeSections(int[] starts, int[] sizes) {
        StringBuilder names = new StringBuilder();
        int[] nameOffsets = new int[SECTIONS.length];
        for (int i = 0; i < SECTIONS.length; i++) {
            nameOffsets[i] = names.length();
            names.append(SECTIONS[i]).append('\0');
        }
        int namesAt = reserve(names.length(), 1);
        put(namesAt, names.toString());
        int[] types = {
            Elf.SHT_NULL,
            Elf.SHT_HASH,
            Elf.SHT_DYNSYM,
            Elf.SHT_STRTAB,
            Elf.SHT_GNU_versym,
            Elf.SHT_GNU_verdef,
            Elf.SHT_DYNAMIC,
            Elf.SHT_PROGBITS,
            Elf.SHT_STRTAB,
        };
        int[] links = {0, 2, 3, 0, 2, 3, 3, 0, 0};
        int[] infos = {0, 0, 1, 0, 0, 2, 0, 0, 0};
        int[] entrySizes = {0, 4, SYMBOL_SIZE, 0, 2, 0, DYNAMIC_SIZE, 0, 0};
        int sections = reserve(SECTIONS.length * SECTION_SIZE, 8);
        for (int i = 1; i < SECTIONS.length; i++) {
            boolean isNames = i == SECTIONS.length - 1;
            int at = sections + i * SECTION_SIZE;
            int flags = i == TEXT_SECTION ? Elf.SHF_ALLOC | Elf.SHF_EXECINSTR : Elf.SHF_ALLOC;
            putInt(at, nameOffsets[i]);
            putInt(at + 4, types[i]);
            putLong(at + 8, isNames ? 0 : flags);
            putLong(at + 16, isNames ? 0 : starts[i]);
            putLong(at + 24, isNames ? namesAt : starts[i]);
            putLong(at + 32, isNames ? names.length() : sizes[i]);
            putInt(at + 40, links[i]);
            putInt(at + 44, infos[i]);
            putLong(at + 48, i == TEXT_SECTION ? 16 : 8);
            putLong(at + 56, entrySizes[i]);
        }
        return sections;
    }
}
