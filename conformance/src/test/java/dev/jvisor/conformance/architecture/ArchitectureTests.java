// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directions of the design on the compiled classes. A module owns the package that bears its
 * name and what is below, so an arrow between packages of two modules always shows here, and cycles
 * between modules cannot hide.
 */
final class ArchitectureTests {
    private static final String ROOT = "dev.jvisor.";

    /** From the bottom up: a module may use any before it and none after it. */
    private static final List<String> LAYERS =
            List.of("platform", "mm", "fs", "net", "kernel", "syscalls", "runsc");

    private static final String HOST_PACKAGE = ROOT + "platform.host..";

    private static JavaClasses production;

    @BeforeAll
    static void importClasses() {
        production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("/dev/jvisor/conformance/"))
                .importPackages(ROOT.substring(0, ROOT.length() - 1));
    }

    static Stream<String> layers() {
        return LAYERS.stream();
    }

    @Test
    void classesWereFound() {
        assertThat(production).hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void moduleUsesNoModuleAboveIt(String module) {
        List<String> above = LAYERS.subList(LAYERS.indexOf(module) + 1, LAYERS.size());
        if (above.isEmpty()) {
            return;
        }
        noClasses()
                .that()
                .resideInAPackage(ROOT + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        above.stream().map(name -> ROOT + name + "..").toArray(String[]::new))
                .allowEmptyShould(true)
                .check(production);
    }

    @Test
    void everyClassLivesInThePackageOfItsModule() {
        List<String> strangers = new ArrayList<>();
        for (JavaClass type : production) {
            URI location = type.getSource().orElseThrow().getUri();
            String module = LAYERS.stream()
                    .filter(layer -> type.getPackageName().equals(ROOT + layer)
                            || type.getPackageName().startsWith(ROOT + layer + "."))
                    .findFirst()
                    .orElse("?");
            String path = location.toString();
            boolean atHome =
                    path.contains("/" + module + "/target/") || path.contains("jvisor-" + module);
            if (!atHome) {
                strangers.add(type.getName() + " in " + path);
            }
        }
        assertThat(strangers).isEmpty();
    }

    @Test
    void onlyThePlatformModuleSeesForeignMemory() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "platform..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(production);
    }

    @Test
    void onlyTheHostPackageBindsNativeFunctions() {
        noClasses()
                .that()
                .resideOutsideOfPackage(HOST_PACKAGE)
                .should()
                .dependOnClassesThat(bindsNativeFunctions())
                .check(production);
    }

    @Test
    void nobodyUsesUnsafeOrNativeMethods() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .check(production);
        noMethods().should().haveModifier(JavaModifier.NATIVE).check(production);
    }

    private static DescribedPredicate<JavaClass> bindsNativeFunctions() {
        return DescribedPredicate.describe("bind native functions", type -> {
            String name = type.getName();
            return name.startsWith("java.lang.foreign.Linker")
                    || name.equals("java.lang.foreign.SymbolLookup")
                    || name.startsWith("jnr.ffi.")
                    || name.startsWith("com.kenai.jffi.");
        });
    }
}
