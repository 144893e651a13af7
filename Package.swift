// swift-tools-version: 6.1

import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "agent-ready-k8s",
  products: [
    .executable(name: "migrate", targets: ["migrate"]),
    .executable(name: "bridge", targets: ["bridge"]),
    .executable(name: "provisioner", targets: ["provisioner"]),
    .library(name: "HotConfig", targets: ["HotConfig", "Postgres", "Redis"]),
    .library(name: "Kubernetes", targets: ["Kubernetes"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // One module map per C library. Nothing else lives here.
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    .systemLibrary(name: "CEpoll"),

    // Libraries, lowest first. scripts/check-imports holds the rules between them.
    .target(name: "AsyncIO", dependencies: ["CEpoll"], swiftSettings: settings),
    .target(name: "JSONText", swiftSettings: settings),
    .target(name: "SQLScript", swiftSettings: settings),
    .target(name: "Postgres", dependencies: ["AsyncIO", "CLibPQ"], swiftSettings: settings),
    .target(
      name: "Redis",
      dependencies: [
        "CHiredis",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .target(name: "HTTP", dependencies: ["AsyncIO", "CCurl"], swiftSettings: settings),
    .target(
      name: "Kubernetes",
      dependencies: [
        "AsyncIO", "HTTP", "JSONText",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .target(
      name: "Daemon",
      dependencies: [
        "AsyncIO",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .target(
      name: "HotConfig",
      dependencies: [
        "AsyncIO", "JSONText", "Postgres", "Redis",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings),
    .target(
      name: "Agent",
      dependencies: [
        "AsyncIO", "HotConfig",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),

    // Executables: arguments, wiring, one state machine each.
    .executableTarget(
      name: "migrate",
      dependencies: [
        "AsyncIO", "Postgres", "SQLScript",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "bridge",
      dependencies: [
        "Agent", "AsyncIO", "Daemon", "HotConfig", "Postgres", "Redis",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "provisioner",
      dependencies: [
        "AsyncIO", "Daemon", "HTTP", "Kubernetes", "Postgres",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),

    // What Benchmarks/live_configuration measures with.
    .executableTarget(
      name: "MeasureFeed",
      dependencies: [
        "AsyncIO", "HotConfig", "Postgres", "Redis",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/live_configuration/MeasureFeed", swiftSettings: settings),

    // What Benchmarks/flags measures with.
    .executableTarget(
      name: "MeasureFlags",
      dependencies: [
        "HotConfig", "Postgres",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Benchmarks/flags/MeasureFlags", swiftSettings: settings),

    .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),

    // Tests run against real servers; TestSupport finds the ones that scripts/stack started.
    .target(
      name: "TestSupport",
      dependencies: [
        "CSpawn",
        "AsyncIO", "HTTP", "Kubernetes", "Postgres",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(name: "AsyncIOTests", dependencies: ["AsyncIO"], swiftSettings: settings),
    .testTarget(
      name: "SQLScriptTests", dependencies: ["SQLScript", "TestSupport"],
      exclude: ["regression-exceptions.txt"], swiftSettings: settings),
    .testTarget(
      name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "RedisTests", dependencies: ["Redis", "TestSupport"], swiftSettings: settings),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "KubernetesTests",
      dependencies: [
        "JSONText", "Kubernetes", "TestSupport", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "HotConfigTests",
      dependencies: ["AsyncIO", "HotConfig", "Postgres", "Redis", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "migrateTests",
      dependencies: [
        "migrate", "Postgres", "SQLScript", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "bridgeTests",
      dependencies: ["bridge", "HotConfig", "Postgres", "Redis", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "provisionerTests",
      dependencies: [
        "provisioner", "AsyncIO", "Daemon", "HTTP", "Kubernetes", "Postgres", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "SQLTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
