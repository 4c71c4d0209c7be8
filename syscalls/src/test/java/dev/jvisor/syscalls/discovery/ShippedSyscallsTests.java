// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.kernel.dispatch.SyscallHandler;
import dev.jvisor.kernel.dispatch.SyscallTable;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The handlers that this module ships. */
final class ShippedSyscallsTests {

    private static final Path UNISTD = Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h");

    @Test
    void discoveryFindsNothingWrong() {
        Discovery found = SyscallScanner.scanPackage(ShippedSyscalls.PACKAGE);
        assertThat(found.issues()).isEmpty();
        assertThat(found.descriptors()).hasSizeGreaterThan(100);
    }

    @Test
    void tableHoldsWhatDiscoveryFinds() {
        SyscallTable table = SyscallTables.shipped();
        List<SyscallDescriptor> found =
                SyscallScanner.scanPackage(ShippedSyscalls.PACKAGE).descriptors();
        Map<Integer, String> expected = new TreeMap<>();
        for (SyscallDescriptor d : found) {
            expected.put(d.number(), d.name());
        }
        Map<Integer, String> actual = new TreeMap<>();
        for (int number = 0; number < SyscallTable.SIZE; number++) {
            SyscallHandler handler = table.get(number);
            if (handler != null) {
                assertThat(handler.number()).isEqualTo(number);
                actual.put(number, handler.name());
            }
        }
        assertThat(actual).isEqualTo(expected);
        assertThat(SyscallTables.descriptors()).isEqualTo(found);
    }

    @Test
    void namesAreLinuxNames() {
        for (SyscallDescriptor d : SyscallTables.descriptors()) {
            assertThat(d.name()).isEqualTo(UnistdNames.of(d.number()));
        }
    }

    @Test
    void embeddedNamesAgreeWithTheHeader() throws IOException {
        Assumptions.assumeTrue(Files.exists(UNISTD));
        String prefix = "#define __NR_";
        for (String line : Files.readAllLines(UNISTD)) {
            if (line.startsWith(prefix)) {
                String[] words = line.substring(prefix.length()).split("\\s+");
                assertThat(UnistdNames.of(Integer.parseInt(words[1]))).isEqualTo(words[0]);
                assertThat(UnistdNames.number(words[0])).isEqualTo(Integer.parseInt(words[1]));
            }
        }
    }

    @Test
    void namesOutsideOfTheTableAreUnknown() {
        assertThat(UnistdNames.of(-1)).isNull();
        assertThat(UnistdNames.of(512)).isNull();
        assertThat(UnistdNames.of(400)).isNull();
        assertThat(UnistdNames.of(Long.MIN_VALUE)).isNull();
        assertThat(UnistdNames.number("no_such_call")).isEqualTo(-1);
    }

    @Test
    void buildWritesBindingsTableAndIndex(@TempDir Path output) throws IOException {
        Path classes = Path.of(ShippedSyscalls.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        Assumptions.assumeTrue(Files.isDirectory(classes));
        assertThat(GenerateTable.generate(classes, output)).isEmpty();
        String pipe = "dev/jvisor/syscalls/handlers/descriptor/PipeSyscalls$Binding.class";
        assertThat(output.resolve(pipe)).exists();
        assertThat(output.resolve("dev/jvisor/syscalls/discovery/ShippedSyscalls.class"))
                .exists();
        String index = Files.readString(output.resolve(SyscallIndex.PATH));
        assertThat(SyscallIndex.parse(index))
                .isEqualTo(SyscallScanner.scanPackage(ShippedSyscalls.PACKAGE).descriptors());
    }
}
