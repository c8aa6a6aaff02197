<?xml version="1.0"?>
<serviceModel xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" name="Shop" generation="1" functional="0" release="0" Id="068c57b2-593e-830f-b1e2-eba44a403cdf" dslVersion="1.2.0.0" xmlns="http://schemas.microsoft.com/dsltools/RDSM">
  <groups>
    <group name="ShopGroup" generation="1" functional="0" release="0">
      <componentports>
        <inPort name="Shop.Web:HttpIn" protocol="http">
          <inToChannel>
            <lBChannelMoniker name="/Shop/ShopGroup/LB:Shop.Web:HttpIn" />
          </inToChannel>
        </inPort>
        <inPort name="Shop.Web:HttpsIn" protocol="https">
          <inToChannel>
            <lBChannelMoniker name="/Shop/ShopGroup/LB:Shop.Web:HttpsIn" />
          </inToChannel>
        </inPort>
        <inPort name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput" protocol="tcp">
          <inToChannel>
            <lBChannelMoniker name="/Shop/ShopGroup/LB:Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput" />
          </inToChannel>
        </inPort>
        <inPort name="Shop.Web:Direct" protocol="tcp">
          <inToChannel>
            <lBChannelMoniker name="/Shop/ShopGroup/LB:Shop.Web:Direct" />
          </inToChannel>
        </inPort>
      </componentports>
      <settings>
        <aCS name="Certificate|Shop.Web:Ssl" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapCertificate|Shop.Web:Ssl" />
          </maps>
        </aCS>
        <aCS name="Certificate|Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapCertificate|Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Banner" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Banner" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountEncryptedPassword" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountEncryptedPassword" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountExpiration" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountExpiration" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountUsername" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountUsername" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Enabled" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Enabled" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.Enabled" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.Enabled" />
          </maps>
        </aCS>
        <aCS name="Shop.Web:Zebra" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Web:Zebra" />
          </maps>
        </aCS>
        <aCS name="Shop.WebInstances" defaultValue="[1,1,1]">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.WebInstances" />
          </maps>
        </aCS>
        <aCS name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.CacheSizePercentage" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.CacheSizePercentage" />
          </maps>
        </aCS>
        <aCS name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.ConfigStoreConnectionString" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.ConfigStoreConnectionString" />
          </maps>
        </aCS>
        <aCS name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.DiagnosticLevel" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.DiagnosticLevel" />
          </maps>
        </aCS>
        <aCS name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.NamedCaches" defaultValue="">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.NamedCaches" />
          </maps>
        </aCS>
        <aCS name="Shop.WorkerInstances" defaultValue="[1,1,1]">
          <maps>
            <mapMoniker name="/Shop/ShopGroup/MapShop.WorkerInstances" />
          </maps>
        </aCS>
      </settings>
      <channels>
        <lBChannel name="LB:Shop.Web:HttpIn">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/HttpIn" />
          </toPorts>
        </lBChannel>
        <lBChannel name="LB:Shop.Web:HttpsIn">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/HttpsIn" />
          </toPorts>
        </lBChannel>
        <lBChannel name="LB:Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput" />
          </toPorts>
        </lBChannel>
        <lBChannel name="LB:Shop.Web:Direct">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Direct" />
          </toPorts>
        </lBChannel>
        <sFSwitchChannel name="SW:Shop.Web:Free">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Free" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Web:Gossip">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Gossip" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Web:Mesh">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Mesh" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" />
          </toPorts>
        </sFSwitchChannel>
        <sFSwitchChannel name="SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort">
          <toPorts>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" />
          </toPorts>
        </sFSwitchChannel>
      </channels>
      <maps>
        <map name="MapCertificate|Shop.Web:Ssl" kind="Identity">
          <certificate>
            <certificateMoniker name="/Shop/ShopGroup/Shop.Web/Ssl" />
          </certificate>
        </map>
        <map name="MapCertificate|Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" kind="Identity">
          <certificate>
            <certificateMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" />
          </certificate>
        </map>
        <map name="MapShop.Web:Banner" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Banner" />
          </setting>
        </map>
        <map name="MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountEncryptedPassword" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountEncryptedPassword" />
          </setting>
        </map>
        <map name="MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountExpiration" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountExpiration" />
          </setting>
        </map>
        <map name="MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountUsername" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountUsername" />
          </setting>
        </map>
        <map name="MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Enabled" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.Enabled" />
          </setting>
        </map>
        <map name="MapShop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.Enabled" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteForwarder.Enabled" />
          </setting>
        </map>
        <map name="MapShop.Web:Zebra" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Web/Zebra" />
          </setting>
        </map>
        <map name="MapShop.WebInstances" kind="Identity">
          <setting>
            <sCSPolicyIDMoniker name="/Shop/ShopGroup/Shop.WebInstances" />
          </setting>
        </map>
        <map name="MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.CacheSizePercentage" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.CacheSizePercentage" />
          </setting>
        </map>
        <map name="MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.ConfigStoreConnectionString" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.ConfigStoreConnectionString" />
          </setting>
        </map>
        <map name="MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.DiagnosticLevel" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.DiagnosticLevel" />
          </setting>
        </map>
        <map name="MapShop.Worker:Microsoft.WindowsAzure.Plugins.Caching.NamedCaches" kind="Identity">
          <setting>
            <aCSMoniker name="/Shop/ShopGroup/Shop.Worker/Microsoft.WindowsAzure.Plugins.Caching.NamedCaches" />
          </setting>
        </map>
        <map name="MapShop.WorkerInstances" kind="Identity">
          <setting>
            <sCSPolicyIDMoniker name="/Shop/ShopGroup/Shop.WorkerInstances" />
          </setting>
        </map>
      </maps>
      <components>
        <groupHascomponents>
          <role name="Shop.Web" generation="1" functional="0" release="0" software="Shop.Web.cssx" entryPoint="base\x64\WaHostBootstrapper.exe" parameters="base\x64\WaIISHost.exe " memIndex="-1" hostingEnvironment="frontendadmin" hostingEnvironmentVersion="2">
            <componentports>
              <inPort name="HttpIn" protocol="http" portRanges="8080" />
              <inPort name="HttpsIn" protocol="https" portRanges="443" />
              <inPort name="Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput" protocol="tcp" />
              <inPort name="Direct" protocol="tcp" portRanges="9000" />
              <inPort name="Free" protocol="any" />
              <inPort name="Gossip" protocol="udp" portRanges="7000" />
              <inPort name="Mesh" protocol="tcp" portRanges="7001,7100-7199" />
              <inPort name="Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" protocol="tcp" portRanges="3389" />
              <outPort name="Shop.Web:Free" protocol="any">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Free" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Gossip" protocol="udp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Gossip" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Mesh" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Mesh" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" />
                </outToChannel>
              </outPort>
            </componentports>
            <settings>
              <aCS name="Banner" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountEncryptedPassword" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountExpiration" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.RemoteAccess.AccountUsername" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.RemoteAccess.Enabled" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.RemoteForwarder.Enabled" defaultValue="" />
              <aCS name="Zebra" defaultValue="" />
              <aCS name="__ModelData" defaultValue="&lt;m role=&quot;Shop.Web&quot; xmlns=&quot;urn:azure:m:v1&quot;&gt;&lt;r name=&quot;Shop.Web&quot;&gt;&lt;e name=&quot;Direct&quot; /&gt;&lt;e name=&quot;Free&quot; /&gt;&lt;e name=&quot;Gossip&quot; /&gt;&lt;e name=&quot;HttpIn&quot; /&gt;&lt;e name=&quot;HttpsIn&quot; /&gt;&lt;e name=&quot;Mesh&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput&quot; /&gt;&lt;/r&gt;&lt;r name=&quot;Shop.Worker&quot;&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort&quot; /&gt;&lt;/r&gt;&lt;/m&gt;" />
            </settings>
            <resourcereferences>
              <resourceReference name="Cache" defaultAmount="[1000,1000,1000]" defaultSticky="false" kind="Directory" />
              <resourceReference name="Uploads" defaultAmount="[2048,2048,2048]" defaultSticky="true" kind="Directory" />
              <resourceReference name="DiagnosticStore" defaultAmount="[4096,4096,4096]" defaultSticky="true" kind="Directory" />
              <resourceReference name="EventStore" defaultAmount="[1000,1000,1000]" defaultSticky="false" kind="LogStore" />
            </resourcereferences>
            <storedcertificates>
              <storedCertificate name="Stored0Ssl" certificateStore="My" certificateLocation="System">
                <certificate>
                  <certificateMoniker name="/Shop/ShopGroup/Shop.Web/Ssl" />
                </certificate>
              </storedCertificate>
              <storedCertificate name="Stored0Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" certificateStore="My" certificateLocation="System">
                <certificate>
                  <certificateMoniker name="/Shop/ShopGroup/Shop.Web/Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" />
                </certificate>
              </storedCertificate>
            </storedcertificates>
            <certificates>
              <certificate name="Ssl" />
              <certificate name="Microsoft.WindowsAzure.Plugins.RemoteAccess.PasswordEncryption" />
            </certificates>
          </role>
          <sCSPolicy>
            <sCSPolicyIDMoniker name="/Shop/ShopGroup/Shop.WebInstances" />
            <sCSPolicyUpdateDomainMoniker name="/Shop/ShopGroup/Shop.WebUpgradeDomains" />
            <sCSPolicyFaultDomainMoniker name="/Shop/ShopGroup/Shop.WebFaultDomains" />
          </sCSPolicy>
          <role name="Shop.Worker" generation="1" functional="0" release="0" software="Shop.Worker.cssx" entryPoint="base\x64\WaHostBootstrapper.exe" parameters="base\x64\WaWorkerHost.exe " memIndex="-1" hostingEnvironment="consoleroleadmin" hostingEnvironmentVersion="2">
            <componentports>
              <inPort name="Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" protocol="tcp" />
              <inPort name="Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" protocol="tcp" />
              <inPort name="Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" protocol="tcp" />
              <inPort name="Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" protocol="tcp" />
              <inPort name="Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" protocol="tcp" />
              <outPort name="Shop.Web:Free" protocol="any">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Free" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Gossip" protocol="udp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Gossip" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Mesh" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Mesh" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal" />
                </outToChannel>
              </outPort>
              <outPort name="Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" protocol="tcp">
                <outToChannel>
                  <sFSwitchChannelMoniker name="/Shop/ShopGroup/SW:Shop.Worker:Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort" />
                </outToChannel>
              </outPort>
            </componentports>
            <settings>
              <aCS name="Microsoft.WindowsAzure.Plugins.Caching.CacheSizePercentage" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.Caching.ConfigStoreConnectionString" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.Caching.DiagnosticLevel" defaultValue="" />
              <aCS name="Microsoft.WindowsAzure.Plugins.Caching.NamedCaches" defaultValue="" />
              <aCS name="__ModelData" defaultValue="&lt;m role=&quot;Shop.Worker&quot; xmlns=&quot;urn:azure:m:v1&quot;&gt;&lt;r name=&quot;Shop.Web&quot;&gt;&lt;e name=&quot;Direct&quot; /&gt;&lt;e name=&quot;Free&quot; /&gt;&lt;e name=&quot;Gossip&quot; /&gt;&lt;e name=&quot;HttpIn&quot; /&gt;&lt;e name=&quot;HttpsIn&quot; /&gt;&lt;e name=&quot;Mesh&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.RemoteAccess.Rdp&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput&quot; /&gt;&lt;/r&gt;&lt;r name=&quot;Shop.Worker&quot;&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheArbitrationPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheClusterPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheReplicationPort&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheServicePortInternal&quot; /&gt;&lt;e name=&quot;Microsoft.WindowsAzure.Plugins.Caching.cacheSocketPort&quot; /&gt;&lt;/r&gt;&lt;/m&gt;" />
            </settings>
            <resourcereferences>
              <resourceReference name="DiagnosticStore" defaultAmount="[4096,4096,4096]" defaultSticky="true" kind="Directory" />
              <resourceReference name="EventStore" defaultAmount="[1000,1000,1000]" defaultSticky="false" kind="LogStore" />
            </resourcereferences>
          </role>
          <sCSPolicy>
            <sCSPolicyIDMoniker name="/Shop/ShopGroup/Shop.WorkerInstances" />
            <sCSPolicyUpdateDomainMoniker name="/Shop/ShopGroup/Shop.WorkerUpgradeDomains" />
            <sCSPolicyFaultDomainMoniker name="/Shop/ShopGroup/Shop.WorkerFaultDomains" />
          </sCSPolicy>
        </groupHascomponents>
      </components>
      <sCSPolicy>
        <sCSPolicyUpdateDomain name="Shop.WebUpgradeDomains" defaultPolicy="[3,3,3]" />
        <sCSPolicyFaultDomain name="Shop.WebFaultDomains" defaultPolicy="[2,2,2]" />
        <sCSPolicyID name="Shop.WebInstances" defaultPolicy="[1,1,1]" />
        <sCSPolicyUpdateDomain name="Shop.WorkerUpgradeDomains" defaultPolicy="[3,3,3]" />
        <sCSPolicyFaultDomain name="Shop.WorkerFaultDomains" defaultPolicy="[2,2,2]" />
        <sCSPolicyID name="Shop.WorkerInstances" defaultPolicy="[1,1,1]" />
      </sCSPolicy>
    </group>
  </groups>
  <implements>
    <implementation Id="f51e1b99-7492-801c-ba78-31a8d7bb4a6e" ref="Microsoft.RedDog.Contract\ServiceContract\ShopContract@ServiceDefinition">
      <interfacereferences>
        <interfaceReference Id="f2516405-05c7-8791-ae1f-583279064371" ref="Microsoft.RedDog.Contract\Interface\Shop.Web:HttpIn@ServiceDefinition">
          <inPort>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web:HttpIn" />
          </inPort>
        </interfaceReference>
        <interfaceReference Id="02ec5809-7662-814c-b962-a4b792f6ae23" ref="Microsoft.RedDog.Contract\Interface\Shop.Web:HttpsIn@ServiceDefinition">
          <inPort>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web:HttpsIn" />
          </inPort>
        </interfaceReference>
        <interfaceReference Id="e5973699-6f40-8c66-af5a-662bad68b309" ref="Microsoft.RedDog.Contract\Interface\Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput@ServiceDefinition">
          <inPort>
            <inPortMoniker name="/Shop/ShopGroup/Shop.Web:Microsoft.WindowsAzure.Plugins.RemoteForwarder.RdpInput" />
          </inPort>
        </interfaceReference>
      </interfacereferences>
    </implementation>
  </implements>
</serviceModel>