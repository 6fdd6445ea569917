import { LOCATION_KINDS } from '../../../libs/domain';
import { LOCATION_SORTS, type LocationSort } from '../../../libs/postgres/queries';
import { Id, MAX_LOCATION_CODE, OneOf, QueryFlag, Text, TimeZone } from '../http/fields';
import { CommandBody } from './items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

export class UpdateLocationBody extends CommandBody {
  @Text(200, { min: 1, example: 'Main warehouse' })
  name?: string;

  @OneOf(LOCATION_KINDS)
  kind?: (typeof LOCATION_KINDS)[number];

  @Id(MAX_LOCATION_CODE, { nullable: true, description: 'The location this one is part of.' })
  parent?: string | null;

  @TimeZone({ example: 'Europe/Vienna', description: 'Default UTC; expiry is judged by it.' })
  timeZone?: string;
}

export class RegisterLocationBody extends UpdateLocationBody {
  @Id(MAX_LOCATION_CODE, { required: true, example: 'SHOP-1' })
  code!: string;
}

export class LocationsQuery extends PageQuery {
  @Text(100, { description: 'Part of the code or of the name, in any case.' })
  q?: string;

  @OneOf(LOCATION_KINDS)
  kind?: (typeof LOCATION_KINDS)[number];

  @Id(MAX_LOCATION_CODE)
  parent?: string;

  @QueryFlag()
  active?: boolean;

  @SortBy(LOCATION_SORTS, 'code')
  sort?: LocationSort;
}
